/** The progress view's script: opens the channel to the host and starts the view. */
import '../theme/styles.ts';
import 'uplot/dist/uPlot.min.css';
import './progress.css';
import { openChannel } from '../host/channel.ts';
import { registerToolkit } from '../theme/toolkit.ts';
import { registerPlot } from './plot/plotElement.ts';
import { ProgressApp, type ProgressChannel } from './progressApp.ts';

const channel: ProgressChannel = openChannel();
registerToolkit();
registerPlot();
const root = document.createElement('div');
document.body.append(root);
new ProgressApp(channel, root);
