// What a manager that is killed again and again costs the services: a thousand kills of koi-runner alone, at
// moments drawn from a seed. KOI_SEED=N repeats a run's draws.
import { runRestartTrial } from '../cluster/restart-trial.ts';
import type { Fault } from '../cluster/restart-verdict.ts';
import type { Figure, Result } from './figure.ts';

/** kill -9 of a runner, and its start. */
export const restartFigure: Figure = {
  name: 'restart',
  rounds: 1_000,
  async measure(rounds, note) {
    const seed = Number(process.env['KOI_SEED'] ?? Date.now() % 1_000_000);
    const tally = await runRestartTrial({
      seed,
      kills: rounds,
      say: (line) => (line.startsWith('kill') ? note(line) : console.log(`  restart: ${line}`)),
    });
    const { kills, onMaster, pastLease, insideScript, soon, late, faults, overlaps } = tally;
    const remark =
      `${kills} kills of seed ${seed}: ${onMaster} of the master, ${pastLease} past the lease, ` +
      `${insideScript} inside a script`;
    const count = (kind: Fault['kind'], what: string): Result => {
      const own = faults.filter((fault) => fault.kind === kind);
      return { what, value: own.length, unit: '', bound: 0, remark: own[0]?.text ?? remark };
    };
    return [
      count('restart', 'runner restarted, services restarted'),
      count('demotion', 'runner restarted, demotions that no lease demanded'),
      count('script', 'runner restarted, scripts run twice, beside each other or not at all'),
      {
        what: 'runner restarted, overlaps',
        value: overlaps.length,
        unit: '',
        bound: 0,
        remark: overlaps[0] ?? remark,
      },
      {
        what: 'runner restarted within its lease, too late to renew it',
        value: (100 * late) / Math.max(1, soon),
        unit: '%',
        // On a machine of its own none; another load may cost single ones.
        bound: 10,
        remark: `${late} of ${soon}`,
      },
    ];
  },
};
