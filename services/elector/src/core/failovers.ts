// Groups the timeline into failovers and switchovers: what was seen first, what was waited for, who was chosen,
// when the old holder was down and the new one promoted. From the events alone, whoever led when they were written
// and however many of the older ones are forgotten.
import type { WallTime } from '@koi/lib/time';
import { CHANGE } from './change-rule.ts';
import type { Decision } from './charter.ts';
import { CHOICE_RULES } from './rules.ts';
import type { FailoverView } from './view.ts';

/** Decisions that take the role from its holder and give it to nobody yet. */
const ENDINGS: readonly string[] = ['released', 'counted-out', 'confirmed-down'];

/** Changes of the holder by which its loss is seen. */
const LOSSES: readonly string[] = [
  CHANGE.notHeard,
  CHANGE.failed,
  CHANGE.stopped,
  CHANGE.leaseLost,
];

/** Changes that tell of a group under way, whoever they are about. */
const COMPANIONS: readonly string[] = [
  'leader',
  'target-lost',
  'maintenance',
  'recover',
  'start',
  'elect',
  CHANGE.waiting,
  CHANGE.waited,
  CHANGE.maintenanceAcknowledged,
];

/** One that is being put together. */
interface Group {
  epoch: number;
  fromEpoch: number;
  from: string | undefined;
  to: string | undefined;
  planned: boolean;
  /** The wish that it began with can still be called off. */
  revocable: boolean;
  detectedAt: WallTime;
  demotedAt: WallTime | undefined;
  decidedAt: WallTime | undefined;
  promotedAt: WallTime | undefined;
  margin: string;
  readonly events: number[];
}

/** All that are told of, oldest first. `master`: who holds the role after the last event. */
export function failovers(
  events: readonly Decision[],
  master: string | undefined,
): readonly FailoverView[] {
  const reader = new Reader(events, master);
  for (const event of events) reader.read(event);
  return reader.groups.map(view);
}

function view(group: Group): FailoverView {
  const { revocable: _, ...rest } = group;
  const { detectedAt, demotedAt, promotedAt } = group;
  const began = Math.min(detectedAt, demotedAt ?? detectedAt);
  const gap = promotedAt === undefined ? undefined : Math.max(0, promotedAt - began);
  return { ...rest, gap, events: group.events.sort((a, b) => a - b) };
}

class Reader {
  readonly groups: Group[] = [];
  private open: Group | undefined;
  private holder: string | undefined;
  private epoch = 0;

  constructor(events: readonly Decision[], master: string | undefined) {
    // Where even the last choice is forgotten, the present master is the one they are about.
    if (events.some(isChoice)) return;
    this.holder = master;
    this.epoch = events[0]?.epoch ?? 0;
  }

  read(event: Decision): void {
    if (isChoice(event)) this.choose(event);
    else if (event.kind === 'decision') this.decide(event);
    else this.change(event);
  }

  private group(event: Decision, planned: boolean): Group {
    if (this.open !== undefined) return this.open;
    const group: Group = {
      epoch: 0,
      fromEpoch: this.holder === undefined ? 0 : this.epoch,
      from: this.holder,
      to: undefined,
      planned,
      revocable: true,
      detectedAt: event.at,
      demotedAt: undefined,
      decidedAt: undefined,
      promotedAt: undefined,
      margin: '',
      events: [],
    };
    this.open = group;
    this.groups.push(group);
    return group;
  }

  /** What it began with is over, and nothing came of it. */
  private callOff(): void {
    const { open } = this;
    if (open?.revocable !== true) return;
    this.groups.splice(this.groups.indexOf(open), 1);
    this.open = undefined;
  }

  private choose(event: Decision): void {
    const group = this.group(event, event.rule === 'target');
    group.events.push(event.number);
    group.epoch = event.epoch;
    group.to = event.subject;
    group.decidedAt = event.at;
    // Nobody is chosen before the last holder is known to be down.
    if (group.from !== undefined) group.demotedAt ??= event.at;
    this.holder = event.subject;
    this.epoch = event.epoch;
    this.open = undefined;
  }

  private decide(event: Decision): void {
    const { subject, rule } = event;
    if (ENDINGS.includes(rule)) {
      this.learn(subject, event.epoch);
      const group = this.group(event, false);
      group.events.push(event.number);
      group.demotedAt ??= event.at;
      group.revocable = false;
      return;
    }
    const wish = rule === 'promote' && subject !== this.holder;
    const sendsAway = rule === 'demote' || (rule === 'stop' && subject === this.holder);
    if ((wish || sendsAway) && (this.holder !== undefined || this.open !== undefined)) {
      this.group(event, true).events.push(event.number);
    } else if (this.open !== undefined && COMPANIONS.includes(rule)) {
      this.open.events.push(event.number);
      const again = rule === 'start' && subject === this.holder;
      const stays = rule === 'target-lost' || rule === 'elect' || again;
      if (stays && this.open.planned) this.callOff();
    } else if (rule === 'promote' && this.open?.planned === true) {
      this.callOff();
    }
  }

  private change(event: Decision): void {
    const { subject, rule } = event;
    if (rule === CHANGE.promoted) this.promoted(event);
    else if (rule === CHANGE.leaseLost) this.lost(event);
    else if (rule === CHANGE.demoted) this.demoted(event);
    else if (subject === this.holder && LOSSES.includes(rule)) {
      this.group(event, false).events.push(event.number);
    } else if (subject === this.holder && rule === CHANGE.master) {
      // It is heard again, and still holds the role.
      if (this.open?.planned === false) this.callOff();
    } else if (this.open !== undefined && COMPANIONS.includes(rule)) {
      this.open.events.push(event.number);
    } else if (rule === CHANGE.waiting && this.holder === undefined) {
      this.group(event, false).events.push(event.number);
    }
  }

  private demoted(event: Decision): void {
    this.learn(event.subject, event.epoch);
    if (event.subject !== this.holder) return;
    const group = this.group(event, false);
    group.events.push(event.number);
    group.demotedAt ??= event.at;
    group.revocable = false;
  }

  private promoted(event: Decision): void {
    const group = this.groups.findLast(
      ({ epoch, to }) => epoch === event.epoch && to === event.subject,
    );
    if (group === undefined || group.promotedAt !== undefined) return;
    group.promotedAt = event.at;
    group.events.push(event.number);
  }

  /** The margin is told when the runner is heard again, most of the time long after the next one was promoted. */
  private lost(event: Decision): void {
    const [, lost, measured] = /epoch (\d+): (.*)$/s.exec(event.text) ?? [];
    const epoch = Number(lost ?? 0);
    const mine = ({ from, fromEpoch }: Group) =>
      from === event.subject && (epoch === 0 || fromEpoch === epoch);
    const held = event.subject === this.holder && (epoch === 0 || epoch === this.epoch);
    const group = this.groups.findLast(mine) ?? (held ? this.group(event, false) : undefined);
    if (group === undefined) return;
    group.margin = measured ?? event.text;
    group.events.push(event.number);
  }

  /** Where the choice of the holder is forgotten, its end tells who it was. */
  private learn(holder: string, epoch: number): void {
    if (this.holder !== undefined) return;
    if (this.groups.length > 0 && this.epoch >= epoch) return;
    this.holder = holder;
    this.epoch = epoch;
  }
}

function isChoice(event: Decision): boolean {
  return event.kind === 'decision' && CHOICE_RULES.has(event.rule);
}
