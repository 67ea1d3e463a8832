/** What the extension promises other extensions and agents, tested beside it in the extension host. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'mocha';
import { commands, extensions, lm, workspace, type LanguageModelToolResult } from 'vscode';

const APPEARANCE_LIMIT_MS = 30_000;

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly languageModelTools: readonly { readonly name: string }[];
  };
}

/** Libraries that this process has loaded so far. */
function loadedLibraries(): string[] {
  const { sharedObjects } = process.report.getReport() as unknown as { readonly sharedObjects: readonly string[] };
  return [...sharedObjects];
}

/** Command lines of this process's children, where the system tells them as Linux does. */
async function childCommands(): Promise<string[]> {
  const file = `/proc/${process.pid}/task/${process.pid}/children`;
  if (!existsSync(file)) return [];
  const pids = (await readFile(file, 'utf8')).split(' ').filter((pid) => pid !== '');
  return Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
}

async function invokeTool(name: string, input: object): Promise<unknown> {
  const result: LanguageModelToolResult = await lm.invokeTool(name, { input, toolInvocationToken: undefined });
  const [part] = result.content as { readonly value: string }[];
  return JSON.parse(part!.value);
}

type Report = Readonly<Record<string, unknown>>;

async function runStatus(run: string): Promise<Report> {
  return (await invokeTool('get_runStatus', { run })) as Report;
}

/** Asks until the answer is good, and no longer than a while: then the answer is what it is. */
async function eventually<T>(ask: () => Promise<T>, isGood: (answer: T) => boolean): Promise<T> {
  const deadline = Date.now() + APPEARANCE_LIMIT_MS;
  for (;;) {
    const answer = await ask();
    if (isGood(answer) || Date.now() > deadline) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function pick(report: Report, ...names: readonly string[]): Report {
  return Object.fromEntries(names.map((name) => [name, report[name]]));
}

export function defineSuite(): void {
  suite('the installed extension', () => {
    const extension = extensions.getExtension('neuroada.neuroada')!;
    const workspaceFolder = workspace.workspaceFolders![0]!.uri.fsPath;
    const manifest = extension.packageJSON as Manifest;

    test('loads neither the runtime nor the engine when it is activated', async () => {
      await extension.activate();
      assert.deepEqual(
        loadedLibraries().filter((path) => path.includes('onnxruntime')),
        [],
      );
      const engines = (await childCommands()).filter((command) => command.includes(extension.extensionPath));
      assert.deepEqual(engines, []);
    });

    test('registers every command that it contributes', async () => {
      const registered = new Set(await commands.getCommands(true));
      const missing = manifest.contributes.commands.filter(({ command }) => !registered.has(command));
      assert.deepEqual(missing, []);
    });

    test('registers every tool that it offers to agents', () => {
      const offered = new Set(lm.tools.map(({ name }) => name));
      const missing = manifest.contributes.languageModelTools.filter(({ name }) => !offered.has(name));
      assert.deepEqual(missing, []);
    });

    test('lists a run that another program put into the workspace', async () => {
      await mkdir(join(workspaceFolder, 'runs'));
      await rename(join(workspaceFolder, '../trained'), join(workspaceFolder, 'runs/trained'));
      const runs = await eventually(
        async () => ((await invokeTool('list_runs', {})) as { readonly runs: readonly Report[] }).runs,
        (listed) => listed.length > 0,
      );
      assert.deepEqual(
        runs.map((run) => pick(run, 'name', 'status', 'step', 'canBeMerged')),
        [{ name: 'Support desk', status: 'finished', step: 5, canBeMerged: true }],
      );
    });

    test('starts a run for an agent, tells how it goes, and stops it', async () => {
      const { configuration } = await runStatus('Support desk');
      const { base, data } = configuration as { base: string; data: { train: string | readonly string[] } };
      const train = typeof data.train === 'string' ? data.train : data.train[0];
      const started = await invokeTool('start_trainingRun', {
        base,
        data: train,
        k: 2,
        epochs: 400,
        learningRate: 0.01,
      });
      const { run, folder } = started as { readonly run: string; readonly folder: string };
      assert.equal(run, 'checkpoint on train');
      assert.ok(existsSync(folder));
      const training = await eventually(
        () => runStatus(folder),
        ({ step }) => Number(step) > 0,
      );
      assert.equal(training['status'], 'training');
      assert.deepEqual(pick(training, 'name', 'canBeMerged', 'canBeResumed'), {
        ...{ name: run, canBeMerged: false, canBeResumed: false },
      });
      assert.equal((training['selection'] as { readonly k: number }).k, 2);

      const stopped = (await invokeTool('stop_trainingRun', { run })) as Record<string, unknown>;
      assert.deepEqual(pick(stopped, 'status', 'canBeResumed'), { status: 'stopped', canBeResumed: true });
      assert.ok(Number(stopped['step']) >= Number(training['step']));
    });

    test('tells an agent what it asked wrongly', async () => {
      await assert.rejects(invokeTool('get_runStatus', { run: 'nobody' }), /There is no run "nobody". The runs are "/);
      const missing = { base: join(workspaceFolder, 'nowhere'), data: join(workspaceFolder, 'no.jsonl') };
      await assert.rejects(invokeTool('start_trainingRun', missing), /nowhere|no\.jsonl/);
      await assert.rejects(invokeTool('start_trainingRun', { base: missing.base }), /both base and data/);
    });

    test('merges an adapter into its base and verifies the result', async () => {
      const output = join(workspaceFolder, 'merged');
      const result = (await invokeTool('merge_adapter', { run: 'Support desk', output })) as Record<string, unknown>;
      assert.equal(result['changedEntries'], 5_760);
      assert.equal(result['lostDeltas'], 0);
      assert.match(String(result['inWords']), /^Verified: the merged model answers as base and adapter do/);
      const config = JSON.parse(await readFile(join(output, 'config.json'), 'utf8')) as Record<string, unknown>;
      assert.equal(config['model_type'], 'llama');
    });
  });
}
