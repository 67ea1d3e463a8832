import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { jsonLines, neuroada, neuroadaHere } from './commandLine.ts';

function folderWith(configuration: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'neuroada-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'base'));
  writeFileSync(join(folder, 'data.jsonl'), '{"text":"a"}\n');
  writeFileSync(join(folder, 'a.neuroada.json'), configuration);
  return folder;
}

const FAULTY = `{
  "base": "base",
  "data": { "train": "data.jsonl" },
  "trainings": { "epochs": 1 },
  "selection": { "k": 0 }
}`;

describe('help', () => {
  test('lists the commands and the exit codes', async () => {
    const { exitCode, stdout, stderr } = await neuroada(['--help']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    for (const command of ['train', 'select', 'merge', 'unmerge', 'estimate', 'devices', 'demo']) {
      expect(stdout).toMatch(new RegExp(`^ {2}${command} `, 'm'));
    }
    expect(stdout).toMatch(/130 +stopped by Ctrl\+C/);
  });

  test.each(['train', 'select', 'merge', 'unmerge', 'estimate'])('of %s teaches by examples', async (command) => {
    const { exitCode, stdout } = await neuroadaHere([command, '--help']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(new RegExp(`^ {2}neuroada ${command} `, 'm'));
    expect(stdout).toContain('--json');
  });

  test('is instantaneous, for it loads nothing else', async () => {
    const duration = async (work: () => Promise<unknown>): Promise<number> => {
      const start = performance.now();
      await work();
      return performance.now() - start;
    };
    const node = await duration(() => promisify(execFile)(process.execPath, ['--eval', '0']));
    expect(await duration(() => neuroada(['merge', '--help']))).toBeLessThan(1000 + 10 * node);
  });

  test('--version prints the version alone', async () => {
    expect(await neuroada(['--version'])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as unknown,
    });
  });
});

describe('a faulty command line exits with 2 and says what is wrong', () => {
  test.each([
    [['trian'], "unknown command 'trian'\n(Did you mean train?)"],
    [['train'], 'give a configuration file, --base and --data, or --resume'],
    [['train', 'a.json', '--epoch', '1'], 'Did you mean --epochs?'],
    [['train', '--resume', 'runs/a', '--lr', '1'], "option '--resume <run>' cannot be used with option '--lr <rate>'"],
    [['train', 'a.json', '--k', '1', '--share', '0.1'], "option '--k <n>' cannot be used with option '--share <0..1>'"],
    [['train', 'a.json', 'b.json'], 'too many arguments'],
    [['merge', 'runs/a'], "required option '--output <folder>' not specified"],
    [['merge', 'runs/a', '--output', 'o', '--dtype', 'f8'], 'Allowed choices are base, f32'],
    [['merge', '--output', 'o'], "missing required argument 'run-or-adapter'"],
    [['select', '--output', 'o'], 'give a configuration file or --base'],
  ])('%j', async (args, message) => {
    const { exitCode, stdout, stderr } = await neuroadaHere(args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toContain('--help');
  });

  test('in a process, too', async () => {
    expect(await neuroada(['trian'])).toMatchObject({ exitCode: 2, stdout: '' });
    const { exitCode, stderr } = await neuroada([]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('Usage: neuroada');
  });
});

describe('an error that the user can act on exits with 1', () => {
  test('a faulty configuration names file, line, column and field of every problem, without a trace', async () => {
    const folder = folderWith(FAULTY);
    const { exitCode, stdout, stderr } = await neuroada(['train', 'a.neuroada.json', '--epochs', 'many'], folder);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toBe(`Error: There are 3 problems in the configuration.
  --epochs: training.epochs: expected a number above 0, found "many"
  a.neuroada.json:4:3: trainings: unknown field; did you mean "training"?
  a.neuroada.json:5:23: selection.k: expected a whole number above 0, found 0
Correct them and start again.
`);
  });

  test('--json ends with the error as an object', async () => {
    const folder = folderWith(FAULTY);
    const { exitCode, stdout } = await neuroada(['estimate', 'a.neuroada.json', '--json'], folder);
    expect(exitCode).toBe(1);
    expect(jsonLines(stdout)).toEqual([
      expect.objectContaining({
        type: 'error',
        command: 'estimate',
        code: 'configuration/invalid',
        place: { file: 'a.neuroada.json', line: 4 },
        problems: [
          expect.objectContaining({ line: 4, column: 3, field: 'trainings' }) as unknown,
          expect.objectContaining({ line: 5, column: 23, field: 'selection.k' }) as unknown,
        ],
      }),
    ]);
  });

  test.each([
    [['train', '…/absent.json'], '…/absent.json: does not exist (ENOENT). Check the path.'],
    [['train', '--resume', '…/base'], 'expected a run folder with run.json, found none.'],
    [['train', '…/a.neuroada.json', '--set', 'epochs'], '--set takes field=value, found "epochs".'],
    [['merge', '…/base', '--output', '…/o'], 'expected a run folder or an adapter folder'],
    [['unmerge', '…/m', '--adapter', '…/data.jsonl', '--output', '…/o'], 'expected adapter_model.safetensors'],
    [['select', '--base', '…/bse', '--output', '…/o'], '--base: base: there is no folder …/bse'],
    [
      ['train', '--base', '…/base', '--k', '2', '--data', '…/no.jsonl'],
      '--data: data.train: there is no file …/no.jsonl',
    ],
    [['estimate', '--base', '…/base'], '  data: missing; expected an object with "train"'],
  ])('%j', async (args, message) => {
    const folder = folderWith('{}');
    const { exitCode, stdout, stderr } = await neuroadaHere(args.map((arg) => arg.replace('…', folder)));
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toContain('Error: ');
    expect(stderr.replaceAll(folder, '…')).toContain(message);
    expect(stderr).not.toMatch(/^ +at /m);
  });
});
