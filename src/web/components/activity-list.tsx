/** What happened to repositories, a line for each: who did what, when. */
import { Anchor, Text } from '@mantine/core';
import {
  IconArrowBackUp,
  IconArrowsMove,
  IconLock,
  IconPlus,
  IconSettings,
  IconTrash,
  IconUpload,
  IconUserKey,
  IconWorld,
} from '@tabler/icons-react';
import { Trans, useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Activity } from '../../hub-api/types.ts';
import { accountPath, repositoryPath, tagPath } from '../routes.ts';
import { familiarName } from './repository-list.tsx';
import { RelativeTime } from './relative-time.tsx';

const icons = {
  created: IconPlus,
  pushed: IconUpload,
  tag_deleted: IconTrash,
  tag_restored: IconArrowBackUp,
  settings_changed: IconSettings,
  made_public: IconWorld,
  made_private: IconLock,
  right_changed: IconUserKey,
  moved: IconArrowsMove,
  deleted: IconTrash,
  restored: IconArrowBackUp,
} as const;

interface ActivityListProps {
  readonly activities: readonly Activity[];
  readonly label: string;
  /** Where the list is of several repositories, each line tells of which it is. */
  readonly withRepository?: boolean;
}

export function ActivityList({ activities, label, withRepository = false }: ActivityListProps) {
  return (
    <ol className="rows card" aria-label={label}>
      {activities.map((activity) => (
        <li key={activity.id} className="row-small activity">
          <Line activity={activity} withRepository={withRepository} />
        </li>
      ))}
    </ol>
  );
}

function Line({
  activity,
  withRepository,
}: {
  readonly activity: Activity;
  readonly withRepository: boolean;
}) {
  const { namespace, repository, kind, time } = activity;
  const Icon = icons[kind];
  return (
    <>
      <Icon size={16} aria-hidden className="activity-icon" />
      <div className="activity-text">
        <Sentence activity={activity} />
        <Text size="xs" c="dimmed">
          {withRepository && (
            <>
              <Anchor component={Link} to={repositoryPath(namespace, repository)} inherit underline="always">
                {familiarName(namespace, repository)}
              </Anchor>
              {' · '}
            </>
          )}
          <RelativeTime time={time} />
        </Text>
      </div>
    </>
  );
}

/** Names are what people chose: they go into the sentence as elements, never as text that is read for elements. */
function Sentence({ activity }: { readonly activity: Activity }) {
  const { t } = useTranslation();
  const { kind, from, permission } = activity;
  const isTaken = kind === 'right_changed' && permission === 'none';
  const key = kind === 'moved' && from !== null ? 'moved_from' : isTaken ? 'right_taken' : kind;
  return (
    <Text size="sm" component="div">
      <Trans
        i18nKey={`activity.kinds.${key}`}
        components={{
          who: <Who account={activity.account} />,
          what: <What activity={activity} />,
          whom: <Whom to={activity.to} />,
          right: (
            <b>{permission && isPermission(permission) ? t(`activity.rights.${permission}`) : permission}</b>
          ),
          from: <span className="mono">{from}</span>,
        }}
      />
    </Text>
  );
}

function isPermission(text: string): text is 'read' | 'write' | 'admin' {
  return text === 'read' || text === 'write' || text === 'admin';
}

function Who({ account }: { readonly account: string | null }) {
  const { t } = useTranslation();
  if (account === null) return <>{t('activity.somebody')}</>;
  return <AccountLink name={account} />;
}

/** A tag, or what is left of a manifest without one: its digest. */
function What({ activity }: { readonly activity: Activity }) {
  const { namespace, repository, tag, digest, kind } = activity;
  if (tag === null) {
    return (
      <span className="mono" title={digest ?? ''}>
        {digest?.slice(0, 19)}
      </span>
    );
  }
  if (kind === 'tag_deleted') return <b className="mono">{tag}</b>;
  return (
    <Link className="repository-link mono" to={tagPath(namespace, repository, tag)} title={digest ?? ''}>
      {tag}
    </Link>
  );
}

function Whom({ to }: { readonly to: string | null }) {
  const { t } = useTranslation();
  const team = /^team (.+)$/.exec(to ?? '')?.[1];
  if (team !== undefined) return <>{t('activity.team', { name: team })}</>;
  return to === null ? null : <AccountLink name={to} />;
}

function AccountLink({ name }: { readonly name: string }) {
  return (
    <Anchor component={Link} to={accountPath(name)} inherit underline="always">
      {name}
    </Anchor>
  );
}
