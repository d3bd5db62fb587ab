/** Lines of the audit log: what, who, when; the rest of what is known opens below. */
import { Anchor, Badge, Button, Text } from '@mantine/core';
import {
  IconBan,
  IconBuilding,
  IconPackage,
  IconServer,
  type TablerIcon,
  IconUser,
} from '@tabler/icons-react';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { AuditLog } from '../../hub-api/types.ts';
import type en from '../locales/en.json';
import { accountPath } from '../routes.ts';
import { useFormat } from '../text/format.ts';
import { AuditFacts } from './audit-facts.tsx';
import { RelativeTime } from './relative-time.tsx';

const icons: Readonly<Record<string, TablerIcon>> = {
  repo: IconPackage,
  org: IconBuilding,
  account: IconUser,
  hub: IconServer,
};

interface AuditEntriesProps {
  readonly entries: readonly AuditLog[];
  /** In whose log each is, where there are those of several. */
  readonly withAccount: boolean;
}

export function AuditEntries({ entries, withAccount }: AuditEntriesProps) {
  const { t } = useTranslation();
  return (
    <ol className="rows card" aria-label={t('audit.title')}>
      {entries.map((entry) => (
        <li key={entry.id} className="row-small activity">
          <Entry entry={entry} withAccount={withAccount} />
        </li>
      ))}
    </ol>
  );
}

function Entry({ entry, withAccount }: { readonly entry: AuditLog; readonly withAccount: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const label = useActionLabel(entry.action);
  const object = objectOf(entry);
  const isRefused = entry.outcome === 'refused';
  const Icon = isRefused ? IconBan : (icons[entry.action.split('.')[0] ?? ''] ?? IconServer);
  const { times, token } = entry;
  const what = `${label} ${object}`.trim();
  return (
    <>
      <Icon size={16} aria-hidden className="activity-icon" />
      <div className="activity-text">
        <div className="audit-line">
          <Text size="sm" component="div">
            <b>{label}</b>
            {object !== '' && (
              <>
                {': '}
                <bdi className="mono">{object}</bdi>
              </>
            )}
            {isRefused && (
              <Badge variant="light" color="red" size="sm" tt="none" ml={8}>
                {t('audit.refused')}
              </Badge>
            )}
            {times > 1 && ` · ${t('audit.times', { count: times, formatted: format.number(times) })}`}
          </Text>
          <Button
            size="compact-xs"
            variant="subtle"
            flex="none"
            aria-expanded={isOpen}
            aria-controls={isOpen ? id : undefined}
            aria-label={t(isOpen ? 'audit.hideOf' : 'audit.detailsOf', { what })}
            onClick={() => setOpen(!isOpen)}
          >
            {isOpen ? t('audit.hide') : t('audit.details')}
          </Button>
        </div>
        <Text size="xs" c="dimmed">
          <Actor name={entry.actor} isKnown={!isRefused} />
          {token !== null && <bdi> {t('audit.byToken', { token })}</bdi>}
          {' · '}
          <RelativeTime time={entry.timestamp} />
        </Text>
        {isOpen && <AuditFacts id={id} entry={entry} withAccount={withAccount} />}
      </div>
    </>
  );
}

/** What is not an account stands in parentheses, which no account's name has. */
function Actor({ name, isKnown }: { readonly name: string; readonly isKnown: boolean }) {
  const { t } = useTranslation();
  if (name === '(hub)') return <>{t('audit.actors.hub')}</>;
  if (name === '(shell)') return <>{t('audit.actors.shell')}</>;
  if (name === '(anonymous)') return <>{t('audit.actors.anonymous')}</>;
  if (!isKnown || name.startsWith('(')) return <bdi>{name}</bdi>;
  return (
    <Anchor component={Link} to={accountPath(name)} inherit underline="always">
      {name}
    </Anchor>
  );
}

/** `acme/app:1.0` */
function objectOf({ action, name, data }: AuditLog): string {
  return action.startsWith('repo.tag.') && data['tag'] ? `${name}:${data['tag']}` : name;
}

/** In the reader's language, where the pages know the action: the hub that answers may be a newer one. */
function useActionLabel(action: string): string {
  const { t, i18n } = useTranslation();
  const key = `audit.actions.${action.replaceAll('.', '_')}`;
  return i18n.exists(key) ? t(key as `audit.actions.${keyof (typeof en)['audit']['actions']}`) : action;
}
