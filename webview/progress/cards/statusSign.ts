/** The icon of a run's status, as the runs view shows it. */
import { html, type TemplateResult } from 'lit';
import type { ShownStatus } from '../../../engine/protocol/webview.ts';

const ICONS: Readonly<Record<ShownStatus, string>> = {
  queued: 'clock',
  preparing: 'sync codicon-modifier-spin',
  selecting: 'sync codicon-modifier-spin',
  training: 'sync codicon-modifier-spin',
  finished: 'pass',
  stopped: 'debug-pause',
  failed: 'error',
  interrupted: 'warning',
};

/** Beside words that say the same. */
export function statusSign(status: ShownStatus): TemplateResult {
  return html`<span class="codicon codicon-${ICONS[status]} status-sign status-${status}" aria-hidden="true"></span>`;
}
