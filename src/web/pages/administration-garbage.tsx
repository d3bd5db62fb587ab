/** Garbage: a look at what would go, its collection while one watches, and the last ones. */
import { Alert, Button, Checkbox, Group, Loader, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Garbage } from '../../hub-api/types.ts';
import { ConfirmButton } from '../components/confirm.tsx';
import { Failure, FailureAlert } from '../components/failure.tsx';
import { RelativeTime } from '../components/relative-time.tsx';
import { ListSkeleton } from '../components/repository-list.tsx';
import { isFailed } from '../hub/queries.ts';
import { useCollectGarbage, useGarbage, useStopCollecting } from '../hub/system.ts';
import { useFormat } from '../text/format.ts';

type Run = Garbage['results'][number];

export function AdministrationGarbage() {
  const { t } = useTranslation();
  const garbage = useGarbage();
  if (garbage.isPending) return <ListSkeleton />;
  if (isFailed(garbage)) return <Failure error={garbage.error} retry={garbage.refetch} />;
  const { running, results } = garbage.data;
  // The first of the list may be what runs.
  const past = results.filter((run) => run.started_at !== running?.started_at);
  return (
    <Stack gap="lg">
      {running ? <Running running={running} /> : <Begin />}
      <section>
        <Title order={2} size="h4" mb="sm">
          {t('garbage.last')}
        </Title>
        {past.length === 0 ? (
          <Text c="dimmed">{t('garbage.none')}</Text>
        ) : (
          <ul className="rows card" aria-label={t('garbage.last')}>
            {past.map((run) => (
              <li key={run.id} className="row row-small">
                <PastRun run={run} />
              </li>
            ))}
          </ul>
        )}
      </section>
    </Stack>
  );
}

function Begin() {
  const { t } = useTranslation();
  const [untagged, setUntagged] = useState(false);
  const collect = useCollectGarbage();
  return (
    <section className="card panel">
      <Stack gap="md">
        <Text size="sm">{t('garbage.lead')}</Text>
        <Checkbox
          label={t('garbage.untagged')}
          description={t('garbage.untaggedHint')}
          checked={untagged}
          onChange={(event) => setUntagged(event.currentTarget.checked)}
        />
        <FailureAlert error={collect.error} />
        <Group>
          <Button
            variant="default"
            loading={collect.isPending}
            onClick={() => collect.mutate({ dry_run: true, untagged })}
          >
            {t('garbage.look')}
          </Button>
          <ConfirmButton
            label={t('garbage.collect')}
            title={t('garbage.confirmTitle')}
            text={untagged ? t('garbage.confirmUntagged') : t('garbage.confirm')}
            action={t('garbage.collect')}
            work={collect}
            onConfirm={(close) => collect.mutate({ dry_run: false, untagged }, { onSuccess: close })}
          />
        </Group>
      </Stack>
    </section>
  );
}

function Running({ running }: { readonly running: NonNullable<Garbage['running']> }) {
  const { t } = useTranslation();
  const stop = useStopCollecting();
  return (
    <section className="card panel">
      <Group justify="space-between">
        <Group gap="sm" role="status">
          <Loader size="sm" aria-hidden />
          <div>
            <Text size="sm" fw={600}>
              {running.dry_run ? t('garbage.looking') : t('garbage.collecting')}
            </Text>
            <Text size="sm" c="dimmed">
              <Found run={running} />
            </Text>
          </div>
        </Group>
        <Button variant="default" loading={stop.isPending} onClick={() => stop.mutate()}>
          {t('garbage.stop')}
        </Button>
      </Group>
      <FailureAlert error={stop.error} />
    </section>
  );
}

function PastRun({ run }: { readonly run: Run }) {
  const { t } = useTranslation();
  return (
    <>
      <Text size="sm" fw={600}>
        <Found run={run} />
      </Text>
      <Text size="xs" c="dimmed">
        <RelativeTime time={run.started_at} /> · {t(`garbage.causes.${run.cause}`, { who: run.by })}
        {run.ended_at === null && ` · ${t('garbage.cutOff')}`}
        {run.failure === 'stopped' && ` · ${t('garbage.stopped')}`}
      </Text>
      {run.failure !== null && run.failure !== 'stopped' && (
        <Alert color="red" variant="light" mt="xs">
          <bdi>{run.failure}</bdi>
        </Alert>
      )}
    </>
  );
}

function Found({ run }: { readonly run: Pick<Run, 'dry_run' | 'bytes' | 'blobs' | 'manifests'> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const values = {
    size: format.bytes(run.bytes),
    blobs: format.number(run.blobs),
    manifests: format.number(run.manifests),
  };
  return run.dry_run ? t('garbage.wouldFree', values) : t('garbage.freed', values);
}
