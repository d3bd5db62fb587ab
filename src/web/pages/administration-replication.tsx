/** What is copied to other registries: the rules, how far each has come, and a new one. */
import { Alert, Button, Group, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Replication } from '../../hub-api/types.ts';
import { ConfirmButton } from '../components/confirm.tsx';
import { Failure, FailureAlert } from '../components/failure.tsx';
import { RelativeTime } from '../components/relative-time.tsx';
import { ReplicationForm } from '../components/replication-form.tsx';
import { ReplicationItems } from '../components/replication-items.tsx';
import { ListSkeleton } from '../components/repository-list.tsx';
import { isFailed } from '../hub/queries.ts';
import {
  useRemoveReplication,
  useReplications,
  useRunReplication,
  useUpdateReplication,
} from '../hub/rules.ts';
import { useFormat } from '../text/format.ts';

export function AdministrationReplication() {
  const { t } = useTranslation();
  const replications = useReplications();
  if (replications.isPending) return <ListSkeleton />;
  if (isFailed(replications)) return <Failure error={replications.error} retry={replications.refetch} />;
  const { results } = replications.data;
  return (
    <Stack gap="lg">
      <ReplicationForm />
      <section>
        <Title order={2} size="h4" mb="sm">
          {t('replication.rules')}
        </Title>
        {results.length === 0 ? (
          <Text c="dimmed">{t('replication.none')}</Text>
        ) : (
          <ul className="rows card" aria-label={t('replication.rules')}>
            {results.map((rule) => (
              <li key={rule.id} className="row row-small">
                <Rule rule={rule} />
              </li>
            ))}
          </ul>
        )}
      </section>
    </Stack>
  );
}

function Rule({ rule }: { readonly rule: Replication }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [isOpen, setOpen] = useState(false);
  return (
    <Stack gap="xs">
      <div>
        <Text size="sm" fw={600}>
          {rule.name}
          {!rule.is_enabled && ` · ${t('replication.paused')}`}
        </Text>
        <Text size="xs" className="mono">
          <bdi>
            {rule.repositories}:{rule.tags} → {rule.registry}/{rule.prefix}
          </bdi>
        </Text>
        <Text size="xs" c="dimmed">
          {t('replication.status', {
            done: format.number(rule.done),
            waiting: format.number(rule.waiting),
            failed: format.number(rule.failed),
          })}
          {rule.last_compared !== null && (
            <>
              {' · '}
              {t('replication.compared')} <RelativeTime time={rule.last_compared} />
            </>
          )}
        </Text>
      </div>
      {rule.last_failure !== null && (
        <Alert color="red" variant="light">
          <bdi>{rule.last_failure}</bdi>
        </Alert>
      )}
      <RuleActions rule={rule} isOpen={isOpen} onToggle={() => setOpen(!isOpen)} />
      {isOpen && <ReplicationItems rule={rule} />}
    </Stack>
  );
}

interface ActionsProps {
  readonly rule: Replication;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}

function RuleActions({ rule, isOpen, onToggle }: ActionsProps) {
  const { t } = useTranslation();
  const run = useRunReplication(rule.id);
  const update = useUpdateReplication(rule.id);
  const remove = useRemoveReplication(rule.id);
  return (
    <>
      <Group gap="xs">
        <Button size="xs" variant="default" aria-expanded={isOpen} onClick={onToggle}>
          {isOpen ? t('replication.hide') : t('replication.show')}
        </Button>
        <Button size="xs" variant="default" loading={run.isPending} onClick={() => run.mutate(undefined)}>
          {t('replication.run')}
        </Button>
        <Button
          size="xs"
          variant="default"
          loading={update.isPending}
          onClick={() => update.mutate({ is_enabled: !rule.is_enabled })}
        >
          {rule.is_enabled ? t('replication.pause') : t('replication.resume')}
        </Button>
        <ConfirmButton
          label={t('replication.remove')}
          look={{ size: 'xs' }}
          title={t('replication.removeTitle', { name: rule.name })}
          text={t('replication.removeText')}
          action={t('replication.remove')}
          work={remove}
          onConfirm={(close) => remove.mutate(undefined, { onSuccess: close })}
        />
      </Group>
      <FailureAlert error={run.error ?? update.error} />
    </>
  );
}
