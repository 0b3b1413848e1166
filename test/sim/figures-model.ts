// What a model of the protocol gave before there were cores: no processes, no scripts, three electors and
// three runners, default times unless said otherwise. In milliseconds.
import type { Preset } from './figures-plan.ts';

/** What the model gave for one row; absent: it did not say. `worst` is its least where least is worst. */
export interface ModelFigure {
  readonly p50?: number;
  readonly p99?: number;
  readonly worst?: number;
}

/** By preset and name of the row. */
export const MODEL_FIGURES: Readonly<Record<Preset, Readonly<Record<string, ModelFigure>>>> = {
  default: {
    'master-dies': { p50: 2446, worst: 2662 },
    'leader-and-master-die': { p50: 2616, worst: 2723 },
    'leader-dies': { p50: 754, worst: 864 },
    'lease-left': { worst: 309 },
    'leader-restarts': { p50: 156, worst: 158 },
    'leader-resigns': { p50: 37, worst: 40 },
    switchover: { p50: 40, worst: 63 },
    'switchover-net': { p50: 40, worst: 63 },
    'status-fails': { p50: 34, worst: 58 },
    'status-fails-net': { p50: 34, worst: 58 },
    'comes-back': { p99: 2300, worst: 7700 },
  },
  fast: {
    'master-dies': { p50: 727, worst: 775 },
    'leader-and-master-die': { p50: 792, worst: 826 },
    'lease-left': { worst: 111 },
  },
};
