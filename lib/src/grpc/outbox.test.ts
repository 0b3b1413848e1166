// Outboxes: what replaces what, what is never dropped, and how they end.
import test from 'ava';
import { Outbox } from './outbox.ts';

async function drain<T>(outbox: Outbox<T>): Promise<T[]> {
  const messages: T[] = [];
  for await (const message of outbox) messages.push(message);
  return messages;
}

test('a newer message replaces an unwritten one of its kind, in its place', async (t) => {
  const outbox = new Outbox<string>({ capacity: 3 });
  outbox.push('heartbeat 1', 'heartbeat');
  outbox.push('grant');
  outbox.push('charter 1', 'store');
  t.true(outbox.push('heartbeat 2', 'heartbeat'), 'a full outbox still takes what replaces');
  outbox.end();
  t.deepEqual(await drain(outbox), ['heartbeat 2', 'grant', 'charter 1']);
});

test('a written message is not replaced', async (t) => {
  const outbox = new Outbox<string>({ capacity: 3 });
  const messages = outbox[Symbol.asyncIterator]();
  outbox.push('heartbeat 1', 'heartbeat');
  t.is((await messages.next()).value, 'heartbeat 1');
  outbox.push('heartbeat 2', 'heartbeat');
  t.is((await messages.next()).value, 'heartbeat 2');
});

test('messages without a kind are never dropped: a full outbox closes', async (t) => {
  let overflows = 0;
  const outbox = new Outbox<string>({
    capacity: 2,
    onOverflow: () => {
      overflows += 1;
    },
  });
  t.true(outbox.push('grant 1'));
  t.true(outbox.push('grant 2'));
  t.false(outbox.push('resign'));
  t.false(outbox.push('resign'));
  t.is(overflows, 1);
  t.true(outbox.closed);
  t.deepEqual(await drain(outbox), []);
});

test('a waiting consumer gets a message within the microtasks of the push', async (t) => {
  const outbox = new Outbox<string>({ capacity: 2 });
  let received: string | undefined;
  const reading = (async () => {
    for await (const message of outbox) received = message;
  })();
  await Promise.resolve();
  outbox.push('report');
  // Microtasks only: process.nextTick runs before any timer, immediate or I/O.
  await new Promise<void>((resolve) => process.nextTick(resolve));
  t.is(received, 'report');
  outbox.close();
  await reading;
});

test('closing with an error ends the stream with it, ending writes what waits first', async (t) => {
  const failing = new Outbox<string>({ capacity: 2 });
  failing.push('lost');
  failing.close(new Error('replaced'));
  await t.throwsAsync(drain(failing), { message: 'replaced' });

  const ending = new Outbox<string>({ capacity: 2 });
  ending.push('resign');
  ending.end();
  t.false(ending.push('too late'));
  t.deepEqual(await drain(ending), ['resign']);
});

test('a consumer that takes messages itself is woken once for each wait', (t) => {
  const outbox = new Outbox<string>({ capacity: 2 });
  let woken = 0;
  const wait = () =>
    outbox.whenReady(() => {
      woken += 1;
    });
  wait();
  outbox.push('grant 1');
  outbox.push('grant 2');
  t.is(woken, 1);
  t.is(outbox.take(), 'grant 1');
  t.is(outbox.take(), 'grant 2');
  t.is(outbox.take(), undefined);
  wait();
  outbox.end();
  t.is(woken, 2);
});
