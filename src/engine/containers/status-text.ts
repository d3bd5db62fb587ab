/** The STATUS column of `ps`, in docker's words: "Up 2 minutes", "Exited (137) 3 seconds ago". Pure. */
import { type ContainerState, zeroTime } from './state.ts';

/** @param now milliseconds since 1970. */
export function statusText(state: ContainerState, now: number): string {
  switch (state.status) {
    case 'running':
      return `Up ${since(state.startedAt, now)}${healthText(state)}`;
    case 'paused':
      return `Up ${since(state.startedAt, now)} (Paused)`;
    case 'restarting':
      return `Restarting (${state.exitCode}) ${since(state.finishedAt, now)} ago`;
    case 'removing':
      return 'Removal In Progress';
    case 'dead':
      return 'Dead';
    case 'created':
    case 'exited':
    default:
      return state.finishedAt === zeroTime
        ? 'Created'
        : `Exited (${state.exitCode}) ${since(state.finishedAt, now)} ago`;
  }
}

function healthText({ health }: ContainerState): string {
  if (!health) return '';
  return health.status === 'starting' ? ' (health: starting)' : ` (${health.status})`;
}

function since(time: string, now: number): string {
  return humanDuration(Math.max(0, now - Date.parse(time)) / 1000);
}

/** Go's units.HumanDuration, which docker uses everywhere. */
export function humanDuration(seconds: number): string {
  const whole = Math.floor(seconds);
  if (whole < 1) return 'Less than a second';
  if (whole === 1) return '1 second';
  if (whole < 60) return `${whole} seconds`;
  const minutes = Math.floor(seconds / 60);
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.round(seconds / 3600);
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${hours} hours`;
  const days = Math.floor(seconds / 3600 / 24);
  if (hours < 24 * 7 * 2) return `${days} days`;
  if (hours < 24 * 30 * 2) return `${Math.floor(days / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.floor(days / 30)} months`;
  return `${Math.floor(days / 365)} years`;
}
