import type { DesiredState, InstanceAction, InstanceState } from '@ecolink/contracts';

interface Standing {
  readonly state: InstanceState;
  readonly desiredState: DesiredState;
  readonly isExternal: boolean;
}

/** What may be done with an instance as it stands. Anything else is refused with `invalid_state`. */
export function actionsOf({ state, desiredState, isExternal }: Standing): readonly InstanceAction[] {
  if (desiredState === 'terminated') return [];
  const replacePods: InstanceAction[] = isExternal ? ['replace_pods'] : [];
  // A second stop would change nothing, and starting must wait until the pods are gone.
  if (state === 'stopping') return [...replacePods, 'terminate'];
  if (desiredState === 'stopped') return ['start', ...replacePods, 'terminate'];
  return ['stop', ...replacePods, 'terminate'];
}
