/**
 * Host code of the Connections view in a process of its own, as in the editor: shows an adapter. Messages to the webview
 * are a stream of bytes over the loopback address, as the editor sends them in binary; those of the webview come from the
 * process that started it. `connectionsViewHost <engine's server> <adapter file>`.
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageCodec } from '../../engine/protocol/binaryMessage.ts';
import { JobsEngine } from '../../extension/engine/jobsEngine.ts';
import { connectionsHost } from '../connectionsWebview/connectionsHost.ts';

/** To the process that started it. */
export interface HostReady {
  readonly html: string;
  /** Where messages to the webview are read: each after its length in 4 bytes, little-endian. */
  readonly messages: string;
}

const [engineServer, path] = process.argv.slice(2);
if (engineServer === undefined || path === undefined) throw new RangeError('expected server and adapter file');

const engine = new JobsEngine({ program: process.execPath, arguments: [engineServer], environment: {} });
const { webview } = await connectionsHost(engine, { kind: 'file', path });
const codec = messageCodec<unknown>({ encode: (text) => Buffer.from(text), decode: (bytes) => bytes.toString() });

function follow(response: ServerResponse): void {
  response.writeHead(200, { 'access-control-allow-origin': '*', 'content-type': 'application/octet-stream' });
  response.flushHeaders();
  webview.onMessage((message) => {
    void codec.encode(message).then((bytes) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.byteLength);
      response.write(length);
      response.write(bytes);
    });
  });
}

const server = createServer((_, response) => follow(response)).listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  const ready: HostReady = { html: webview.panel.webview.html, messages: `http://127.0.0.1:${port}/` };
  process.send!(ready);
});
process.on('message', (message) => webview.receive(message));
process.on('disconnect', () => {
  engine.dispose();
  process.exit(0);
});
