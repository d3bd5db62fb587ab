/** The tags of a rule: what is copied now with its progress, what waits or failed, and what is done. */
import { Progress, SegmentedControl, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Replication, ReplicationItem } from '../../hub-api/types.ts';
import { isFailed } from '../hub/queries.ts';
import { useReplicationItems } from '../hub/rules.ts';
import { useFormat } from '../text/format.ts';
import { Failure } from './failure.tsx';
import { Pager } from './pager.tsx';
import { RelativeTime } from './relative-time.tsx';

const pageSize = 20;
const states = ['all', 'open', 'failed'] as const;

export function ReplicationItems({ rule }: { readonly rule: Replication }) {
  const { t } = useTranslation();
  const [state, setState] = useState<(typeof states)[number]>('all');
  const [page, setPage] = useState(1);
  const items = useReplicationItems(
    rule.id,
    { state, page, page_size: pageSize },
    rule.waiting > rule.failed,
  );
  if (isFailed(items)) return <Failure error={items.error} retry={items.refetch} />;
  const choose = (value: string): void => {
    setState(value as (typeof states)[number]);
    setPage(1);
  };
  return (
    <div>
      <SegmentedControl
        size="xs"
        mb="xs"
        aria-label={t('replication.which')}
        value={state}
        onChange={choose}
        data={states.map((value) => ({ value, label: t(`replication.filters.${value}`) }))}
      />
      {items.data?.count === 0 && <Text c="dimmed">{t('replication.nothing')}</Text>}
      <ul className="rows card" aria-label={t('replication.itemsOf', { name: rule.name })}>
        {items.data?.results.map((item) => (
          <li key={`${item.repository}:${item.tag}`} className="row row-small">
            <Item item={item} />
          </li>
        ))}
      </ul>
      <Pager count={items.data?.count ?? 0} pageSize={pageSize} page={page} onChange={setPage} />
    </div>
  );
}

function Item({ item }: { readonly item: ReplicationItem }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { state, bytes_done: done, bytes_total: total } = item;
  const progress = t('replication.progress', { done: format.bytes(done), total: format.bytes(total) });
  return (
    <>
      <Text size="sm" className="mono">
        <bdi>
          {item.repository}:{item.tag}
        </bdi>
      </Text>
      <Text size="xs" c={state === 'failed' ? 'red' : 'dimmed'}>
        {t(`replication.states.${state}`)}
        {state === 'running' && ` · ${progress}`}
        {state === 'done' && item.done_at !== null && (
          <>
            {' '}
            · <RelativeTime time={item.done_at} />
          </>
        )}
        {state === 'failed' && item.next_attempt !== null && (
          <>
            {' · '}
            {t('replication.again')} <RelativeTime time={item.next_attempt} />
          </>
        )}
      </Text>
      {state === 'running' && total > 0 && (
        <Progress size="sm" value={(100 * done) / total} aria-label={progress} />
      )}
      {item.failure !== null && (
        <Text size="xs" c="red">
          <bdi>{item.failure}</bdi>
        </Text>
      )}
    </>
  );
}
