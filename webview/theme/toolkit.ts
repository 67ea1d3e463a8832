/**
 * The UI toolkit's controls under our own tag prefix. This is the only file that knows the toolkit, so that it can be
 * replaced here: `<neuroada-button>` and its siblings, which take the editor's theme by themselves.
 */
import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeCheckbox,
  vsCodeDropdown,
  vsCodeOption,
  vsCodeProgressRing,
} from '@vscode/webview-ui-toolkit';

const PREFIX = 'neuroada';

/** Call once, before the first control is drawn. */
export function registerToolkit(): void {
  provideVSCodeDesignSystem()
    .withPrefix(PREFIX)
    .register(vsCodeButton(), vsCodeCheckbox(), vsCodeDropdown(), vsCodeOption(), vsCodeProgressRing());
}
