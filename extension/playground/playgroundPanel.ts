/** One editor tab with a playground: its page, its model, and its questions to the engine. */
import type { Uri } from 'vscode';
import { l10n, type Disposable, type WebviewPanel } from 'vscode';
import type { PlaygroundModel, PlaygroundWebviewMessage } from '../../engine/protocol/answers/playground.ts';
import type { WebviewFailure } from '../../engine/protocol/webview.ts';
import type { JobsEngine } from '../engine/jobsEngine.ts';
import type { ErrorReport } from '../problems/errorReport.ts';
import { isTrusted } from '../problems/trustGuard.ts';
import { showPage } from '../webviews/viewPage.ts';
import { PlaygroundSession } from './playgroundSession.ts';

export interface PlaygroundPorts {
  readonly engine: JobsEngine;
  readonly report: ErrorReport;
  readonly extensionUri: Uri;
  /** Lets the user choose; undefined where they change their mind. */
  readonly chooseModel: () => Promise<PlaygroundModel | undefined>;
}

export class PlaygroundPanel implements Disposable {
  readonly panel: WebviewPanel;
  readonly #ports: PlaygroundPorts;
  readonly #session: PlaygroundSession;

  constructor(panel: WebviewPanel, model: PlaygroundModel, ports: PlaygroundPorts) {
    this.panel = panel;
    this.#ports = ports;
    this.#session = new PlaygroundSession(model, {
      engine: ports.engine,
      post: (message) => void panel.webview.postMessage(message),
      phaseText,
      onBug: (error) => ports.report.note('playground', error),
    });
    panel.webview.onDidReceiveMessage((message: PlaygroundWebviewMessage | WebviewFailure) => {
      void ports.report.guard(() => this.#receive(message));
    });
    panel.onDidDispose(() => this.#session.stop());
    this.#retitle();
    const { extensionUri } = ports;
    showPage(panel.webview, { extensionUri, name: 'playground', title: l10n.t('Try Model') });
  }

  get model(): PlaygroundModel {
    return this.#session.model;
  }

  dispose(): void {
    this.panel.dispose();
  }

  async #receive(message: PlaygroundWebviewMessage | WebviewFailure): Promise<void> {
    switch (message.type) {
      case 'ready': {
        this.#show(this.model);
        return;
      }
      case 'ask': {
        if (await isTrusted()) await this.#session.ask(message.question);
        else this.#session.refuse();
        return;
      }
      case 'stop': {
        this.#session.stop();
        return;
      }
      case 'chooseModel': {
        const model = await this.#ports.chooseModel();
        if (model !== undefined) this.#show(model);
        return;
      }
      case 'failure':
        this.#ports.report.note('playground', message.stack ?? message.message);
    }
  }

  #show(model: PlaygroundModel): void {
    this.#session.show(model);
    this.#retitle();
  }

  #retitle(): void {
    this.panel.title = l10n.t('Try {0}', this.model.name);
  }
}

function phaseText(phase: string): string {
  return phase === 'loading the model' ? l10n.t('Loading the model…') : l10n.t('Reading the prompt…');
}
