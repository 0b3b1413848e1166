// Links over real loopback sockets: what is sent first, silence, refusal, loss, and a clean stop.
import test, { type ExecutionContext } from 'ava';
import { createClock } from '../clock.ts';
import { openClient } from './client.ts';
import { grpcDefinition } from './definition.ts';
import { EchoService } from './echo-service.fixture.ts';
import { koiError } from './errors.ts';
import { createLink, type LinkOptions } from './link.ts';
import { patienceOf } from './patience.ts';
import { type ServedStream, serveStream } from './served-stream.ts';
import { createServer, type Listener, listen } from './server.ts';

const definition = grpcDefinition(EchoService);
const clock = createClock();
const SILENCE_MAX = 200;

interface Word {
  value: string;
}

/** A daemon that answers each word as the test says; keeps what it heard and its streams. */
async function startPeer(t: ExecutionContext, answer: (word: string) => string | undefined) {
  const heard: string[] = [];
  const streams = new Set<ServedStream<Word>>();
  const server = createServer();
  const speak = (word: Word, stream: ServedStream<Word>) => {
    heard.push(word.value);
    const value = answer(word.value);
    if (value !== undefined) stream.send({ value });
  };
  server.add(definition, {
    unary: async (request) => request,
    async *countUp() {},
    countAll: async () => ({ value: 0 }),
    converse: (requests, context) =>
      serveStream<Word, Word>({
        requests,
        context,
        clock,
        onFirst: (word, stream) => {
          streams.add(stream);
          speak(word, stream);
        },
        onMessage: speak,
        onEnd: (stream) => streams.delete(stream),
      }),
  });
  const listener: Listener = await listen(server, '127.0.0.1:0');
  t.teardown(() => listener.stop(0));
  return { heard, streams, address: listener.address };
}

function startLink(t: ExecutionContext, address: string, hello = 'hello') {
  const events: string[] = [];
  const settings: LinkOptions<Word, Word> = {
    address,
    clock,
    patience: { ...patienceOf(200), silenceMax: SILENCE_MAX },
    open: (channel, requests, signal) =>
      openClient(definition, channel).converse(requests, { signal }),
    onOpen: () => {
      events.push('open');
      link.send({ value: hello });
    },
    onMessage: (word) => events.push(word.value),
    onLost: () => events.push('lost'),
    onTrouble: (text, refused) => events.push(`${refused ? 'refused: ' : 'trouble: '}${text}`),
  };
  const link = createLink<Word, Word>(settings);
  link.start();
  t.teardown(() => link.stop(0));
  return { link, events };
}

async function until(t: ExecutionContext, condition: () => boolean): Promise<void> {
  const deadline = clock.now() + 10_000;
  while (!condition()) {
    if (clock.now() > deadline) return t.fail('it did not come to pass within 10 s');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test('what is sent when the link opens goes out first, and replies arrive', async (t) => {
  const peer = await startPeer(t, (word) => `re: ${word}`);
  const { link, events } = startLink(t, peer.address);
  await until(t, () => events.includes('re: hello'));
  t.true(link.open);
  const { openedAt = Number.NaN } = link;
  t.true(openedAt <= clock.now());
  t.true(openedAt <= (link.lastHeard ?? 0));
  t.true(link.send({ value: 'more' }));
  await until(t, () => events.includes('re: more'));
  t.deepEqual(peer.heard, ['hello', 'more']);
});

test('a silent peer is dialled anew', async (t) => {
  let speaks = false;
  const peer = await startPeer(t, () => (speaks ? 'here' : undefined));
  const { events } = startLink(t, peer.address);
  await until(t, () => events.includes('lost'));
  t.deepEqual(events.slice(0, 3), [
    'open',
    `trouble: it was not heard for ${SILENCE_MAX} ms`,
    'lost',
  ]);
  speaks = true;
  await until(t, () => events.includes('here'));
});

test('a refusal is told with its sentence, and dialling goes on', async (t) => {
  let refuses = true;
  const peer = await startPeer(t, () => {
    if (refuses) throw koiError('CLUSTER_MISMATCH', 'this is cluster "shop", not "shed"');
    return 'welcome';
  });
  const { events } = startLink(t, peer.address);
  await until(t, () => events.includes('lost'));
  t.deepEqual(events.slice(0, 3), ['open', 'refused: this is cluster "shop", not "shed"', 'lost']);
  refuses = false;
  await until(t, () => events.includes('welcome'));
});

test('a stream that the peer ends is told and dialled anew', async (t) => {
  const peer = await startPeer(t, () => 'here');
  const { events } = startLink(t, peer.address);
  await until(t, () => events.includes('here'));
  for (const stream of peer.streams) stream.end();
  await until(t, () => events.filter((event) => event === 'open').length === 2);
  t.deepEqual(events.slice(0, 4), ['open', 'here', 'trouble: it ended the stream', 'lost']);
});

test('who welcomes and refuses again and again is dialled ever more rarely', async (t) => {
  const peer = await startPeer(t, () => 'welcome');
  const began = clock.now();
  const { events } = startLink(t, peer.address);
  const opened = () => events.filter((event) => event === 'open').length;
  for (let count = 1; count <= 4; count += 1) {
    await until(t, () => opened() === count && peer.streams.size > 0);
    for (const stream of peer.streams) stream.refuse(koiError('NAME_TAKEN', 'somebody else'));
  }
  await until(t, () => opened() === 5);
  const { waitMin } = patienceOf(200);
  t.true(clock.now() - began >= (1 + 2 + 4 + 8) * waitMin);
});

test('a clean stop writes what waits and is no trouble', async (t) => {
  const peer = await startPeer(t, (word) => word);
  const { link, events } = startLink(t, peer.address);
  await until(t, () => link.lastHeard !== undefined);
  for (let n = 0; n < 50; n += 1) link.send({ value: `${n}` });
  await link.stop(5_000);
  t.is(peer.heard.length, 51);
  t.deepEqual(
    events.filter((event) => event.startsWith('trouble')),
    [],
  );
  t.is(events.at(-1), 'lost');
  t.is(link.openedAt, undefined);
  t.false(link.send({ value: 'late' }));
});

test('a stop does not wait for a peer that is not there', async (t) => {
  const { link, events } = startLink(t, '127.0.0.1:1');
  await until(t, () => events.length > 0);
  await link.stop(60_000);
  t.false(events.includes('open'));
  t.regex(events[0] ?? '', /^trouble: the connection was refused/);
});
