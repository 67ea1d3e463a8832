/** The playground's script: opens the channel to the host and starts the page. */
import '../theme/styles.ts';
import './playground.css';
import { openChannel } from '../host/channel.ts';
import { registerToolkit } from '../theme/toolkit.ts';
import { PlaygroundApp, type PlaygroundChannel } from './playgroundApp.ts';

const channel: PlaygroundChannel = openChannel();
registerToolkit();
const root = document.createElement('div');
document.body.append(root);
new PlaygroundApp(channel, root);
