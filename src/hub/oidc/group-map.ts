/**
 * What a group of the provider means here: a role in an organization, a place in a team, or the administration. One mapping a
 * line: `GROUP=ORGANIZATION[/TEAM][:ROLE]` or `GROUP=@administrators`.
 */
import { InvalidError } from '../../lib/errors.ts';
import { looksLikeAccountName } from '../accounts/account-name.ts';
import type { OrganizationRole } from '../db/schema.ts';

interface Mapping {
  readonly group: string;
  /** Undefined: the hub's administrators. */
  readonly place: Place | undefined;
}

interface Place {
  readonly organization: string;
  readonly team: string | undefined;
  readonly role: OrganizationRole;
}

export type GroupMap = readonly Mapping[];

/** All that somebody's groups give them. */
export interface GroupRights {
  readonly isAdministrator: boolean;
  /** The highest role in each organization, by its name. */
  readonly roles: ReadonlyMap<string, OrganizationRole>;
  readonly teams: readonly { readonly organization: string; readonly team: string }[];
}

const administrators = '@administrators';
/** Lowest first. */
const roles: readonly OrganizationRole[] = ['member', 'editor', 'owner'];
const form = /^([^/:]+)(?:\/([^/:]+))?(?::(\w+))?$/;

/** @param lines empty ones and those that begin with # say nothing. @throws InvalidError naming the line. */
export function readGroupMap(lines: readonly string[]): GroupMap {
  return lines
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(readMapping);
}

/** A group's own name may hold `=`, as one of a directory does; the last one counts. */
function readMapping(line: string): Mapping {
  const end = line.lastIndexOf('=');
  const group = line.slice(0, Math.max(end, 0)).trim();
  const target = line.slice(end + 1).trim();
  if (group !== '' && target === administrators) return { group, place: undefined };
  const [, organization = '', team, roleText = 'member'] = form.exec(target) ?? [];
  const role = roles.find((each) => each === roleText);
  if (group === '' || !looksLikeAccountName(organization) || role === undefined) {
    throw new InvalidError(
      `${JSON.stringify(line)}: GROUP=ORGANIZATION[/TEAM][:member|editor|owner] or GROUP=${administrators} is expected`,
    );
  }
  return { group, place: { organization, team, role } };
}

export function rightsOf(map: GroupMap, groups: readonly string[]): GroupRights {
  const held = new Set(groups);
  const applying = map.filter(({ group }) => held.has(group));
  const places = applying.flatMap(({ place }) => place ?? []);
  const highest = new Map<string, OrganizationRole>();
  for (const { organization, role } of places) {
    const other = highest.get(organization);
    if (!other || roles.indexOf(role) > roles.indexOf(other)) highest.set(organization, role);
  }
  return {
    isAdministrator: applying.some(({ place }) => place === undefined),
    roles: highest,
    teams: places.flatMap(({ organization, team }) => (team === undefined ? [] : { organization, team })),
  };
}
