/** The cache of other registries: how they are, how much is kept, what it saves, and the removal of what nobody pulls. */
import { Progress, Select, Stack, Text, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Cache } from '../../hub-api/types.ts';
import { CachedRepositories } from '../components/cached-repositories.tsx';
import { Command } from '../components/command.tsx';
import { ConfirmButton } from '../components/confirm.tsx';
import { Failure } from '../components/failure.tsx';
import { RelativeTime } from '../components/relative-time.tsx';
import { ListSkeleton } from '../components/repository-list.tsx';
import { UpstreamList } from '../components/upstream-list.tsx';
import { useCache, usePruneCache } from '../hub/cache.ts';
import { isFailed } from '../hub/queries.ts';
import { useFormat } from '../text/format.ts';

export function AdministrationCache() {
  const { t } = useTranslation();
  const cache = useCache();
  if (cache.isPending) return <ListSkeleton />;
  if (isFailed(cache)) return <Failure error={cache.error} retry={cache.refetch} />;
  const { upstreams, used_bytes: used } = cache.data;
  return (
    <Stack gap="lg">
      {upstreams.length === 0 ? <NoUpstream /> : <UpstreamList upstreams={upstreams} />}
      {(upstreams.length > 0 || used > 0) && (
        <>
          <Usage cache={cache.data} />
          <section>
            <Title order={2} size="h4" mb="sm">
              {t('cache.kept')}
            </Title>
            <CachedRepositories />
          </section>
        </>
      )}
    </Stack>
  );
}

function NoUpstream() {
  const { t } = useTranslation();
  return (
    <section className="card panel">
      <Title order={2} size="h5" mb={4}>
        {t('cache.none')}
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        {t('cache.noneText')}
      </Text>
      <Command text="cais hub serve --upstream https://registry-1.docker.io" />
    </section>
  );
}

function Usage({ cache }: { readonly cache: Cache }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { used_bytes: used, max_bytes: max, hits, misses, fetched_bytes: fetched, since } = cache;
  const share = max === null ? 0 : Math.min(used / max, 1);
  const text =
    max === null
      ? t('cache.usedNoLimit', { used: format.bytes(used) })
      : t('cache.used', {
          used: format.bytes(used),
          max: format.bytes(max),
          share: format.share(used / max),
        });
  return (
    <section className="card panel">
      <Text size="sm" mb={8}>
        {text}
      </Text>
      {max !== null && <Progress value={100 * share} aria-label={text} />}
      <Text size="sm" c="dimmed" mt="sm">
        {t('cache.traffic', {
          hits: format.number(hits),
          asked: format.number(hits + misses),
          fetched: format.bytes(fetched),
        })}{' '}
        (<RelativeTime time={since} />)
      </Text>
      <Prune />
    </section>
  );
}

const ages = ['24h', '168h', '720h', 'all'] as const;

function Prune() {
  const { t } = useTranslation();
  const format = useFormat();
  const [age, setAge] = useState<(typeof ages)[number]>('168h');
  const prune = usePruneCache();
  const run = (close: () => void): void =>
    prune.mutate(age === 'all' ? { all: true } : { until: age }, {
      onSuccess: ({ manifests, blobs, bytes }) => {
        const values = {
          size: format.bytes(bytes),
          blobs: format.number(blobs),
          manifests: format.number(manifests),
        };
        notifications.show({ message: t('cache.pruned', values) });
        close();
      },
    });
  return (
    <div style={{ display: 'flex', flexWrap: 'wrap', gap: 12, alignItems: 'flex-end', marginTop: 16 }}>
      <Select
        label={t('cache.pruneLabel')}
        allowDeselect={false}
        data={ages.map((value) => ({ value, label: t(`cache.ages.${value}`) }))}
        value={age}
        onChange={(value) => value !== null && setAge(value)}
      />
      <ConfirmButton
        label={t('cache.prune')}
        title={t('cache.pruneTitle')}
        text={t('cache.pruneText')}
        action={t('cache.prune')}
        work={prune}
        onConfirm={run}
      />
    </div>
  );
}
