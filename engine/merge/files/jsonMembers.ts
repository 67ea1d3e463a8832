/**
 * Sets members of a JSON object in its text. Everything else keeps its spelling: to strict readers, transformers among them,
 * 2.0 and 2 are of different types.
 */

/** One member of an object, as it is written. */
interface Member {
  readonly name: string;
  readonly value: string;
}

/**
 * @param text of a JSON object, valid
 * @param changes values of members, in place of those of these names or behind all others
 */
export function withMembers(text: string, changes: Readonly<Record<string, unknown>>): string {
  const written = new Map(membersOf(text).map(({ name, value }) => [name, value]));
  for (const [name, value] of Object.entries(changes)) {
    written.set(name, JSON.stringify(value, null, 2).replaceAll('\n', '\n  '));
  }
  const lines = [...written].map(([name, value]) => `  ${JSON.stringify(name)}: ${value}`);
  return `{\n${lines.join(',\n')}\n}\n`;
}

/** The members of the outermost object. */
function membersOf(text: string): readonly Member[] {
  const members: Member[] = [];
  let [depth, start, colon] = [0, 0, 0];
  const end = (at: number): void => {
    if (colon === 0) return;
    const name = JSON.parse(text.slice(start, colon)) as string;
    members.push({ name, value: text.slice(colon + 1, at).trim() });
    colon = 0;
  };
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      at = endOfString(text, at);
    } else if (character === '{' || character === '[') {
      depth += 1;
      if (depth === 1) start = at + 1;
    } else if (character === '}' || character === ']') {
      if (depth === 1) end(at);
      depth -= 1;
    } else if (depth === 1 && character === ':') {
      colon = at;
    } else if (depth === 1 && character === ',') {
      end(at);
      start = at + 1;
    }
  }
  return members;
}

/** Where the string that begins at `start` has its closing quote. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}
