// An order to the cluster: asked, answered with the revision that holds it, said in one line, and
// followed to its end where that is wanted.
import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import type { Cluster } from '@koi/gen/koi/cluster/v1/cluster_pb';
import { type Ask, ask } from './ask.ts';
import { EXIT, type ExitCode } from './failure.ts';
import type { Goal } from './goal.ts';
import { print, remark } from './print.ts';
import { line } from './render/page.ts';
import type { Session } from './session.ts';

type Answer<Schema extends DescMessage> = MessageShape<Schema> & {
  readonly revision: bigint;
  readonly held?: boolean;
};

/** What is ordered. */
export interface Order<Schema extends DescMessage> {
  readonly schema: Schema;
  /** What is wanted then: "b is to be master". */
  readonly wanted: string;
  readonly call: Ask<Answer<Schema>>;
  /** Whether asking a second elector after a lost connection does no harm. True by default. */
  readonly repeatable?: boolean;
  /** When it is done; absent: it is with its commit. */
  readonly goal?: Goal;
}

/** What every order may be told. */
export interface OrderOptions {
  /** Whether to follow the change to its end; undefined: where a person watches. */
  readonly wait?: boolean;
}

/** Gives an order; it is on a majority's disks when that is said. */
export async function giveOrder<Schema extends DescMessage>(
  session: Session,
  order: Order<Schema>,
  { wait = session.terminal.watched && session.options.output !== 'json' }: OrderOptions,
): Promise<ExitCode> {
  const stop = new AbortController();
  const stage = {
    text: `${order.wanted}: that may still take effect, \`koi-admin get-cluster\` shows it`,
  };
  let interrupt: (code: ExitCode) => void = () => {};
  const interrupted = new Promise<ExitCode>((resolve) => {
    interrupt = resolve;
  });
  const release = session.terminal.onInterrupt(() => {
    stop.abort();
    remark(session, [line(''), line(`koi-admin: interrupted: ${stage.text}`)]);
    interrupt(EXIT.INTERRUPTED);
  });
  try {
    const course = carryOut(session, order, { followed: wait, stage, signal: stop.signal });
    // After an interruption nobody waits for it, and it may fail as it likes.
    course.catch(() => {});
    return await Promise.race([course, interrupted]);
  } finally {
    release();
  }
}

interface Course {
  readonly followed: boolean;
  /** What is to be said at an interruption. */
  readonly stage: { text: string };
  readonly signal: AbortSignal;
}

async function carryOut<Schema extends DescMessage>(
  session: Session,
  { schema, wanted, call, repeatable = true, goal }: Order<Schema>,
  { followed, stage, signal }: Course,
): Promise<ExitCode> {
  const followedGoal = followed ? goal : undefined;
  const before = followedGoal === undefined ? undefined : await viewOf(session, signal);
  const response = await ask(session, call, { repeatable, signal });
  if (signal.aborted) return EXIT.INTERRUPTED;
  const revision = `revision ${response.revision}`;
  print(session, schema, response, () => [
    line(
      response.held === true
        ? `${wanted}: that held already, nothing was changed (${revision})`
        : `${wanted} (${revision})`,
    ),
  ]);
  if (followedGoal === undefined || before === undefined) return EXIT.DONE;
  stage.text = `${wanted} (${revision}): that goes on without this command, \`koi-admin watch\` shows it`;
  // Loaded here: an order that is not followed needs no stream.
  const { followOrder } = await import('./follow-order.ts');
  const { revision: since } = response;
  await followOrder(session, { goal: followedGoal, wanted, before, since, signal });
  return EXIT.DONE;
}

/** How things are before the order is given. */
async function viewOf(session: Session, signal: AbortSignal): Promise<Cluster | undefined> {
  const { cluster } = await ask(session, (client, options) => client.getCluster({}, options), {
    signal,
    accept: (response) => response.cluster !== undefined && response.cluster.leader !== '',
  });
  return cluster;
}
