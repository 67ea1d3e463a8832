/** The Connections view's script: opens the channel to the host and starts the view. */
import '../theme/styles.ts';
import './connections.css';
import { openChannel } from '../host/channel.ts';
import { registerToolkit } from '../theme/toolkit.ts';
import { ConnectionsApp, type ConnectionsChannel } from './app/connectionsApp.ts';

const channel: ConnectionsChannel = openChannel();
registerToolkit();
const root = document.createElement('div');
document.body.append(root);
new ConnectionsApp(channel, root);
