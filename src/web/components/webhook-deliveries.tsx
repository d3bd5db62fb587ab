/** What one webhook sent, the latest first, with what came of it; each can be sent once more. */
import { Button, Code, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Webhook, WebhookDelivery } from '../../hub-api/types.ts';
import type { WebhookPlace } from '../../hub-api/webhooks-client.ts';
import { isFailed } from '../hub/queries.ts';
import { useDeliveries, useRedeliver } from '../hub/webhooks.ts';
import { useFormat } from '../text/format.ts';
import { Failure, FailureAlert } from './failure.tsx';
import { RelativeTime } from './relative-time.tsx';
import { ListSkeleton } from './repository-list.tsx';

interface DeliveriesProps {
  readonly place: WebhookPlace;
  readonly webhook: Webhook;
}

export function WebhookDeliveries({ place, webhook: { id, name } }: DeliveriesProps) {
  const { t } = useTranslation();
  const deliveries = useDeliveries(place, id);
  const redeliver = useRedeliver(place, id);
  if (deliveries.isPending) return <ListSkeleton rows={2} />;
  if (isFailed(deliveries)) return <Failure error={deliveries.error} retry={deliveries.refetch} />;
  const { results } = deliveries.data;
  if (results.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t('webhooks.nothingSent')}
      </Text>
    );
  }
  return (
    <div>
      <FailureAlert error={redeliver.error} />
      <ul className="rows card" aria-label={t('webhooks.sentBy', { name })}>
        {results.map((delivery) => (
          <li key={delivery.id} className="row row-small">
            <Group justify="space-between" align="flex-start" gap="xs">
              <div style={{ flex: '1 1 240px', minWidth: 0 }}>
                <Facts delivery={delivery} />
              </div>
              <Button
                size="xs"
                variant="default"
                loading={redeliver.isPending && redeliver.variables === delivery.id}
                onClick={() => redeliver.mutate(delivery.id)}
              >
                {t('webhooks.redeliver')}
              </Button>
            </Group>
            <Texts delivery={delivery} />
          </li>
        ))}
      </ul>
    </div>
  );
}

interface DeliveryProps {
  readonly delivery: WebhookDelivery;
}

function Facts({ delivery }: DeliveryProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { state, event, attempts, status, took, tried_at: tried, next_at: next, failure } = delivery;
  const facts = [
    ...(status === null ? [] : [t('webhooks.answered', { status })]),
    ...(took === null ? [] : [t('webhooks.took', { time: format.number(took) })]),
    t('webhooks.tries', { count: attempts }),
  ];
  return (
    <>
      <Text size="sm">
        <span className="mono">{event}</span> · {t(`webhooks.states.${state}`)} ·{' '}
        <RelativeTime time={tried ?? delivery.created_at} />
      </Text>
      <Text size="xs" c="dimmed">
        {facts.join(' · ')}
        {next !== null && attempts > 0 && (
          <>
            {' · '}
            {t('webhooks.again')} <RelativeTime time={next} />
          </>
        )}
      </Text>
      {failure !== null && (
        <Text size="xs" c="red" style={{ overflowWrap: 'anywhere' }}>
          <bdi>{failure}</bdi>
        </Text>
      )}
    </>
  );
}

/** The beginning of the answer, and what was sent. */
function Texts({ delivery: { response, body } }: DeliveryProps) {
  const { t } = useTranslation();
  return (
    <>
      {response !== null && response !== '' && (
        <Excerpt summary={t('webhooks.answer')} text={response} isOpen />
      )}
      <Excerpt summary={t('webhooks.sent')} text={body} />
    </>
  );
}

interface ExcerptProps {
  readonly summary: string;
  readonly text: string;
  readonly isOpen?: boolean;
}

function Excerpt({ summary, text, isOpen = false }: ExcerptProps) {
  return (
    <details open={isOpen}>
      <Text component="summary" size="xs" c="dimmed" mt={4}>
        {summary}
      </Text>
      <Code block mah={200} style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }} tabIndex={0}>
        {text}
      </Code>
    </details>
  );
}
