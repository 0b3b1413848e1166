// What a story does to disks: an old copy comes back, a write is cut by a crash with a known outcome.
import type { ElectorRecord } from '../../../services/elector/src/core/effect.ts';
import { Random } from '../random.ts';
import type { SimElector } from '../sim-elector.ts';
import { SimProcess } from '../sim-process.ts';
import type { ScenarioStage } from './scenario-stage.ts';

export class DiskBook {
  readonly #stage: ScenarioStage;
  readonly #saved = new Map<string, ElectorRecord>();

  constructor(stage: ScenarioStage) {
    this.#stage = stage;
  }

  /** Keeps a copy of what is on a disk now. */
  save({ name, disk }: SimElector): void {
    this.#saved.set(name, disk.durable);
  }

  /** Puts the copy back. Returns whether there is one. */
  restore(elector: SimElector): boolean {
    const record = this.#saved.get(elector.name);
    if (record !== undefined) this.#put(elector, record);
    return record !== undefined;
  }

  /** Somebody else writes to the disk of an elector that does not run. */
  #put({ disk, host }: SimElector, record: ElectorRecord): void {
    const { world } = this.#stage;
    const somebody = new SimProcess(world, host.clock, new Random(0, 'somebody'));
    disk.persist(0, record, somebody, { persisted: () => {}, failed: () => {} });
  }

  /** It dies in its next write, which is on the disk then or is not. Nothing that waits for it was sent. */
  crashAtWrite(elector: SimElector, kept: boolean): void {
    const { world, chronicle } = this.#stage;
    const { disk, name } = elector;
    const before = disk.durable;
    const die = (outcome: string) => {
      chronicle.write('fault', `${name} crashes in its write, which is ${outcome}`);
      elector.crash();
    };
    if (!kept) {
      disk.onNextWrite = () => {
        world.after(0, () => {
          die('lost');
          // The disk has decided by itself: that is put right.
          if (disk.durable !== before) this.#put(elector, before);
        });
      };
      return;
    }
    const ignore = chronicle.listen((happening) => {
      if (happening !== `${name} has written`) return;
      ignore();
      die('kept');
    });
  }
}
