// What happens to a deadman, and how the runner beside it finds out: it replaces what is gone or does not
// answer, and goes on itself with what that had begun.
import type { SimProcess } from './sim-process.ts';
import type { SimRunner } from './sim-runner.ts';
import type { Storm } from './storm.ts';

/** How long it takes until a runner has found a dead deadman and armed another one, in milliseconds. */
const REARMED_LEAST = 2;
const REARMED_MOST = 20;

/** How long a deadman that does not answer is waited for: heartbeats, and milliseconds at least. */
const MISSED_MAX = 3;
const SILENCE_MIN = 300;

/** The same where it acts: turns, each a share of demoteGrace and milliseconds at least. */
const AT_WORK_TURNS = 16;
const AT_WORK_TURN = 0.025;
const AT_WORK_TURN_MIN = 10;

/** SIGKILL for the second process. */
export function endDeadman(runner: SimRunner): void {
  const { deadman, kit } = runner;
  const { process } = deadman;
  deadman.end();
  const random = kit.draw(`rearmed ${runner.name} ${kit.world.now}`);
  missDeadman(runner, process, random.between(REARMED_LEAST, REARMED_MOST));
}

/** SIGSTOP for the second process. */
export function stopDeadman(runner: SimRunner, felt = () => {}): SimProcess | undefined {
  const { deadman, kit } = runner;
  const { process, acting } = deadman;
  const { heartbeat, demoteGrace } = kit.plan.times;
  process?.pause(felt);
  const atWork = AT_WORK_TURNS * Math.max(AT_WORK_TURN_MIN, AT_WORK_TURN * demoteGrace);
  const atRest = Math.max(MISSED_MAX * heartbeat, SILENCE_MIN) + heartbeat;
  missDeadman(runner, process, acting ? atWork : atRest);
  return process;
}

/** After so long the runner knows that its deadman is gone or stuck. */
export function missDeadman(
  runner: SimRunner,
  missed: SimProcess | undefined,
  after: number,
): void {
  const { deadman, process, kit } = runner;
  kit.world.after(after, () =>
    process?.deliver(() => {
      const abandoned = !deadman.acting && deadman.unfinished !== undefined;
      const stuck = deadman.process === missed && deadman.stuck;
      if (deadman.process !== undefined && !stuck && !abandoned) return;
      runner.replaceDeadman();
    }),
  );
}

/** Whether a runner can do what its deadman would: without both nobody can, and that is two faults at once. */
function attended(runner: SimRunner): boolean {
  return runner.alive && runner.process?.paused !== true && !runner.deadman.acting;
}

/** The second process dies; the runner replaces it. */
export function killDeadman(storm: Storm): void {
  const runner = storm.runner();
  if (runner === undefined || !attended(runner)) return;
  storm.say(`the deadman of ${runner.name} is killed`);
  storm.felt();
  endDeadman(runner);
}

/** The second process stands still; the runner replaces it, unless it goes on soon enough. */
export function pauseDeadman(storm: Storm): void {
  const runner = storm.runner();
  if (runner === undefined || !attended(runner) || runner.deadman.stuck) return;
  storm.say(`the deadman of ${runner.name} is paused`);
  storm.felt();
  const process = stopDeadman(runner);
  storm.until(storm.lasts(), () => process?.resume());
}
