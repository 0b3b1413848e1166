// Links and served streams between electors over real loopback sockets, with cores that are told here.
import { patienceOf } from '@koi/lib/grpc/patience';
import { createServer, listen } from '@koi/lib/grpc/server';
import test, { type ExecutionContext } from 'ava';
import type { Input } from '../core/input.ts';
import type { Body } from '../core/message.ts';
import { clock, quietLog, until } from './edge.fixture.ts';
import { createPeerLink } from './peer-link.ts';
import { createPeerService, electionDefinition, type PeerService } from './peer-service.ts';
import type { Identity } from './wire.ts';

const SILENCE_MAX = 200;

/** An elector that serves others; `react` is its core. */
async function serve(
  t: ExecutionContext,
  self: Identity,
  react: (input: Input, service: PeerService) => void,
) {
  const inputs: Input[] = [];
  const service = createPeerService({
    self,
    clock,
    silenceMax: SILENCE_MAX,
    ...quietLog(),
    feed(input) {
      inputs.push(input);
      react(input, service);
    },
  });
  const server = createServer();
  server.add(electionDefinition, service.implementation);
  const listener = await listen(server, '127.0.0.1:0');
  t.teardown(() => listener.stop(0));
  return { service, inputs, address: listener.address };
}

/** An elector that calls another one; its core says hello and nothing else. */
function call(t: ExecutionContext, self: Identity, address: string) {
  const inputs: Input[] = [];
  const quiet = quietLog();
  const link = createPeerLink({
    self,
    peer: { name: 'b', address },
    clock,
    patience: { ...patienceOf(200), silenceMax: SILENCE_MAX },
    log: quiet.log,
    fresh: quiet.fresh,
    feed(input) {
      inputs.push(input);
      if (input.kind !== 'peer-connected') return;
      const body = { kind: 'hello', digest: 'd', charter: undefined } as const;
      link.send({ term: 1, hasCharter: false, body }, body);
    },
  });
  link.start();
  t.teardown(() => link.stop(0));
  return { link, inputs, said: quiet.said };
}

const say = <B extends Body>(body: B) => ({ term: 5, hasCharter: true, body });

function welcome(input: Input, service: PeerService): void {
  if (input.kind !== 'message' || input.message.body.kind !== 'hello') return;
  const body = { kind: 'welcome', digest: 'd', charter: undefined } as const;
  service.reply(input.from, say(body), body);
}

const kinds = (inputs: readonly Input[]) =>
  inputs.map((input) => (input.kind === 'message' ? input.message.body.kind : input.kind));

test('a hello goes out at once, and requests and replies pass', async (t) => {
  const b = await serve(t, { cluster: 'shop', name: 'b' }, (input, service) => {
    welcome(input, service);
    if (input.kind !== 'message' || input.message.body.kind !== 'coordinator') return;
    const { term, round } = input.message.body;
    const body = {
      kind: 'grant',
      term,
      round,
      residue: 1.5,
      carriesCharter: true,
      charter: undefined,
    } as const;
    service.reply(input.from, say(body), body);
  });
  const a = call(t, { cluster: 'shop', name: 'a' }, b.address);
  await until(() => kinds(a.inputs).includes('welcome'));
  const body = { kind: 'coordinator', term: 4, round: 9 } as const;
  a.link.send({ term: 4, hasCharter: false, body }, body);
  await until(() => kinds(a.inputs).includes('grant'));
  t.deepEqual(kinds(a.inputs), ['peer-connected', 'welcome', 'grant']);
  t.deepEqual(kinds(b.inputs), ['hello', 'coordinator']);
  t.deepEqual(a.inputs.at(-1), {
    kind: 'message',
    from: 'b',
    message: {
      term: 5,
      hasCharter: true,
      body: {
        kind: 'grant',
        term: 4,
        round: 9,
        residue: 1.5,
        carriesCharter: true,
        charter: undefined,
      },
    },
  });
});

test('a silent elector is dialled anew', async (t) => {
  const b = await serve(t, { cluster: 'shop', name: 'b' }, () => {});
  const a = call(t, { cluster: 'shop', name: 'a' }, b.address);
  await until(() => kinds(a.inputs).filter((kind) => kind === 'peer-connected').length === 2);
  t.deepEqual(kinds(a.inputs).slice(0, 3), ['peer-connected', 'peer-lost', 'peer-connected']);
});

test('P1: a hello of another cluster or of one’s own name is refused with both values', async (t) => {
  const b = await serve(t, { cluster: 'shop', name: 'b' }, welcome);
  const stranger = call(t, { cluster: 'shed', name: 'a' }, b.address);
  await until(() => stranger.said.length > 0);
  t.regex(stranger.said[0] ?? '', /cluster "shop".*"shed"/);
  const twin = call(t, { cluster: 'shop', name: 'b' }, b.address);
  await until(() => twin.said.length > 0);
  t.regex(twin.said[0] ?? '', /the caller is named b/);
  t.deepEqual(b.inputs, []);
});

test('who answers under another name than was dialled is not listened to', async (t) => {
  const c = await serve(t, { cluster: 'shop', name: 'c' }, welcome);
  const a = call(t, { cluster: 'shop', name: 'a' }, c.address);
  await until(() => a.said.length > 0);
  t.regex(a.said[0] ?? '', /it says that it is c of cluster "shop", not b/);
  t.false(kinds(a.inputs).includes('welcome'));
});

test('of two electors with one name the second is refused while the first is heard', async (t) => {
  const b = await serve(t, { cluster: 'shop', name: 'b' }, welcome);
  const first = call(t, { cluster: 'shop', name: 'a' }, b.address);
  await until(() => kinds(first.inputs).includes('welcome'));
  const second = call(t, { cluster: 'shop', name: 'a' }, b.address);
  await until(() => second.said.length > 0);
  t.regex(second.said[0] ?? '', /an elector named a is connected to b already/);
  await first.link.stop(1_000);
  await until(() => kinds(second.inputs).includes('welcome'));
});

test('P8: a resignation that waits is written before a stopping elector is gone', async (t) => {
  const b = await serve(t, { cluster: 'shop', name: 'b' }, welcome);
  const a = call(t, { cluster: 'shop', name: 'a' }, b.address);
  await until(() => kinds(a.inputs).includes('welcome'));
  const body = { kind: 'resign', term: 3 } as const;
  a.link.send({ term: 3, hasCharter: false, body }, body);
  await a.link.stop(5_000);
  t.deepEqual(kinds(b.inputs), ['hello', 'resign']);
});
