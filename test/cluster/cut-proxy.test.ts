// A wire delivers until it is cut; then it neither delivers nor refuses, and once mended it delivers again.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { CutProxy } from './cut-proxy.ts';

test('a wire is cut and mended', async (t) => {
  const heard: string[] = [];
  const server = createServer((socket) => socket.on('data', (data) => heard.push(String(data))));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const wire = await CutProxy.open(typeof address === 'object' && address ? address.port : 0);
  t.teardown(() => {
    wire.close();
    server.close();
  });
  const first = connect(wire.port, '127.0.0.1');
  first.write('one');
  while (heard.length < 1) await sleep(5);
  wire.cut();
  first.write('two');
  const second = connect(wire.port, '127.0.0.1');
  await once(second, 'connect');
  second.write('three');
  // Long enough for what would come to have come: what must not happen has no other sign.
  await sleep(100);
  t.deepEqual(heard, ['one']);
  t.false(first.destroyed);
  const closed = [once(first, 'close'), once(second, 'close')];
  wire.mend();
  await Promise.all(closed);
  const third = connect(wire.port, '127.0.0.1');
  third.write('four');
  while (heard.length < 2) await sleep(5);
  t.deepEqual(heard, ['one', 'four']);
  third.destroy();
});
