/**
 * What a NuGet feed publishes about one version of a package: its address, its size, and the SHA-512 of its bytes (NuGet
 * API: service index, registration leaf, catalog entry with `packageHash`). The product cannot know these hashes ahead:
 * the runtime's own package names the archive, not its hash. So the hash comes from the registry, over TLS.
 */
import * as z from 'zod';
import { ExpectedError } from '../../errors/expected.ts';
import { requestJson } from './httpRequest.ts';

export const DEFAULT_FEED = 'https://api.nuget.org/v3/index.json';

export interface PublishedPackage {
  readonly url: string;
  readonly sha512: string;
  readonly sizeBytes: number | undefined;
}

const serviceIndex = z.object({ resources: z.array(z.object({ '@id': z.string(), '@type': z.string() })) });

/** Compressed or not; the versions of the package are plain, so that every one lists them. */
const REGISTRATIONS = ['RegistrationsBaseUrl/3.6.0', 'RegistrationsBaseUrl/3.4.0', 'RegistrationsBaseUrl'];

const catalogEntry = z.object({
  id: z.string(),
  version: z.string(),
  packageHash: z.base64(),
  packageHashAlgorithm: z.string().regex(/^sha512$/i),
  packageSize: z.int().positive().optional(),
});

const registrationLeaf = z.object({
  packageContent: z.string(),
  catalogEntry: z.union([z.string(), catalogEntry]),
});

/**
 * @param feed address of the service index
 * @throws ExpectedError `cuda/unreachable`, `cuda/badDescription`, `cuda/insecure`
 */
export async function publishedPackage(
  feed: string,
  name: string,
  version: string,
  signal: AbortSignal,
): Promise<PublishedPackage> {
  const index = await readDescription(feed, serviceIndex, feed, signal);
  const [base] = REGISTRATIONS.flatMap((type) => index.resources.filter((resource) => resource['@type'] === type));
  if (base === undefined) throw badFeed(feed, 'it lists no RegistrationsBaseUrl');
  const leafUrl = `${base['@id'].replace(/\/?$/, '/')}${name.toLowerCase()}/${version.toLowerCase()}.json`;
  const leaf = await readDescription(leafUrl, registrationLeaf, feed, signal);
  const entry =
    typeof leaf.catalogEntry === 'string'
      ? await readDescription(leaf.catalogEntry, catalogEntry, feed, signal)
      : leaf.catalogEntry;
  if (entry.id.toLowerCase() !== name.toLowerCase() || entry.version !== version) {
    throw badFeed(feed, `asked for ${name} ${version}, it describes ${entry.id} ${entry.version}`);
  }
  const hash = Buffer.from(entry.packageHash, 'base64');
  if (hash.length !== 64) throw badFeed(feed, `its SHA-512 of ${name} has ${String(hash.length)} bytes`);
  return { url: leaf.packageContent, sha512: hash.toString('hex'), sizeBytes: entry.packageSize };
}

async function readDescription<T>(url: string, schema: z.ZodType<T>, feed: string, signal: AbortSignal): Promise<T> {
  refuseUnprotected(url);
  const parsed = schema.safeParse(await requestJson(url, signal));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw badFeed(feed, `${url}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
}

/** A hash that anyone on the way could have replaced proves nothing. */
function refuseUnprotected(url: string): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol === 'https:') return;
  if (parsed?.protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(parsed.hostname)) return;
  throw new ExpectedError(
    'cuda/insecure',
    `the hash is to come from ${url}, which is no https address`,
    'Give the https address of the feed, or the hash itself with --sha512.',
  );
}

function badFeed(feed: string, problem: string): ExpectedError {
  return new ExpectedError(
    'cuda/badDescription',
    `the feed ${feed} does not describe the archive: ${problem}`,
    'Check the address of the feed, or give the archive with --from and its hash with --sha512.',
  );
}
