import { CUTS } from './steps/cut.mjs';
import { KILLABLE, shuffledRounds } from './steps/kill.mjs';

const LONG_CUT = 'auth-billing';
const SKEW_SECONDS = 300;

/** All steps of a run: the cuts and the like spread evenly among the kills. */
export function plan({ kills, cutSeconds, longCutSeconds }) {
  const next = shuffledRounds(KILLABLE);
  const killing = Array.from({ length: kills }, () => ({ kind: 'kill', target: next() }));
  const others = [
    ...(longCutSeconds > 0 ? [{ kind: 'cut', target: LONG_CUT, seconds: longCutSeconds }] : []),
    ...(cutSeconds > 0 ? cuts(cutSeconds) : []),
  ];
  const every = Math.max(1, Math.floor(killing.length / (others.length + 1)));
  const steps = killing.flatMap((step, index) =>
    (index + 1) % every === 0 && others.length > 0 ? [step, others.pop()] : [step],
  );
  return [...steps, ...others.reverse()];
}

function cuts(seconds) {
  return [
    { kind: 'skew-clock', target: 'router-3', seconds, skewSeconds: -SKEW_SECONDS },
    { kind: 'skew-clock', target: 'router-3', seconds, skewSeconds: SKEW_SECONDS },
    { kind: 'fill-journal', target: 'router-2', seconds },
    ...Object.keys(CUTS)
      .filter((target) => target !== LONG_CUT)
      .map((target) => ({ kind: 'cut', target, seconds })),
  ];
}
