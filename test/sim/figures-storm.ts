// How long a cluster is without its master after a storm: from the moment at which everything that is
// broken is mended to the begin of the promotion that lasts.
import type { Row, Values } from './figures-case.ts';
import type { Preset } from './figures-plan.ts';
import { type ScriptRun, Witness } from './figures-witness.ts';
import { drawPlan } from './plan.ts';
import { simulate } from './simulate.ts';

export const STORM_ROWS: readonly Row[] = [
  {
    name: 'comes-back',
    what: 'end of a storm of faults: to the begin of the promotion that lasts; 0: the master stood',
    worst: 'most',
  },
];

/** One storm. No value where it is of another preset, no real storm, or came before the first master. */
export function weatherStorm(seed: number, preset: Preset): Values {
  const { fast, gentle, lone, stormLasts } = drawPlan(seed);
  if (fast !== (preset === 'fast') || gentle || lone === true) return [];
  let scripts: readonly ScriptRun[] = [];
  const { violation } = simulate(seed, {
    traced: false,
    alsoWatch(world) {
      const witness = new Witness(world);
      scripts = witness.scripts;
      return witness;
    },
  });
  if (violation !== undefined) throw new Error(`seed ${seed}: ${violation}`);
  return [timeToMaster(scripts, stormLasts)];
}

/** Undefined where no master was there yet: a first start waits for other reasons too. */
export function timeToMaster(scripts: readonly ScriptRun[], stormEnds: number): number | undefined {
  const promotions = scripts.filter(({ action }) => action === 'promote');
  const [first] = promotions;
  if (first === undefined || first.begin > stormEnds) return undefined;
  const last = promotions.at(-1)?.epoch;
  const lasting = promotions.find(({ epoch }) => epoch === last);
  return lasting && Math.max(0, lasting.begin - stormEnds);
}
