/** Whom a repository or a namespace tells of what happens there: the list, a new one, and what was sent by each. */
import { Alert, Button, Group, Modal, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useTranslation } from 'react-i18next';
import type { Webhook } from '../../hub-api/types.ts';
import type { WebhookPlace } from '../../hub-api/webhooks-client.ts';
import { isFailed } from '../hub/queries.ts';
import { useUpdateWebhook, useRemoveWebhook, useTestWebhook, useWebhooks } from '../hub/webhooks.ts';
import { ConfirmButton } from './confirm.tsx';
import { Failure, FailureAlert } from './failure.tsx';
import { RelativeTime } from './relative-time.tsx';
import { ListSkeleton } from './repository-list.tsx';
import { WebhookDeliveries } from './webhook-deliveries.tsx';
import { EditWebhook, NewWebhook } from './webhook-dialogs.tsx';

interface WebhooksProps {
  readonly place: WebhookPlace;
}

export function Webhooks({ place }: WebhooksProps) {
  const { t } = useTranslation();
  const [opened, { open, close }] = useDisclosure();
  return (
    <section className="card panel">
      <Group justify="space-between" align="flex-start" mb="md">
        <div style={{ flex: '1 1 280px' }}>
          <Title order={2} size="h5" mb={4}>
            {t('webhooks.title')}
          </Title>
          <Text size="sm" c="dimmed">
            {place.name === undefined ? t('webhooks.leadNamespace') : t('webhooks.lead')}
          </Text>
        </div>
        <Button variant="default" onClick={open} flex="none">
          {t('webhooks.new')}
        </Button>
      </Group>
      <List place={place} />
      <Modal opened={opened} onClose={close} title={t('webhooks.new')} centered>
        <NewWebhook place={place} close={close} />
      </Modal>
    </section>
  );
}

function List({ place }: WebhooksProps) {
  const { t } = useTranslation();
  const webhooks = useWebhooks(place);
  if (webhooks.isPending) return <ListSkeleton rows={2} />;
  if (isFailed(webhooks)) return <Failure error={webhooks.error} retry={webhooks.refetch} />;
  const { results } = webhooks.data;
  if (results.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t('webhooks.none')}
      </Text>
    );
  }
  return (
    <ul className="rows card" aria-label={t('webhooks.title')}>
      {results.map((webhook) => (
        <li key={webhook.id} className="row row-small">
          <Row place={place} webhook={webhook} />
        </li>
      ))}
    </ul>
  );
}

interface RowProps extends WebhooksProps {
  readonly webhook: Webhook;
}

function Row({ place, webhook }: RowProps) {
  const { t } = useTranslation();
  const [isOpen, { open, toggle }] = useDisclosure();
  const { format, events } = webhook;
  // Docker Hub's payload knows pushes only, whatever was asked for.
  const told = format === 'docker' ? (['push'] as const) : events;
  return (
    <Stack gap="xs">
      <div>
        <Text size="sm" fw={600}>
          <bdi>{webhook.name}</bdi>
          {!webhook.is_active && ` · ${t('webhooks.off')}`}
        </Text>
        <Text size="xs" className="mono" style={{ overflowWrap: 'anywhere' }}>
          <bdi>{webhook.hook_url}</bdi>
        </Text>
        <Text size="xs" c="dimmed">
          {[t(`webhooks.formats.${format}`), ...told.map((event) => t(`webhooks.events.${event}`))].join(
            ' · ',
          )}
        </Text>
      </div>
      <Trouble webhook={webhook} />
      <Actions place={place} webhook={webhook} isOpen={isOpen} onToggle={toggle} onTest={open} />
      {isOpen && <WebhookDeliveries place={place} webhook={webhook} />}
    </Stack>
  );
}

/** That nothing arrives, and whether the hub has given up. */
function Trouble({ webhook: { failing_since: failing, disabled_at: disabled } }: Pick<RowProps, 'webhook'>) {
  const { t } = useTranslation();
  const since = failing !== null && (
    <>
      {t('webhooks.failing')} <RelativeTime time={failing} />
    </>
  );
  if (disabled === null) {
    return (
      since && (
        <Text size="xs" c="red">
          {since}
        </Text>
      )
    );
  }
  return (
    <Alert color="red" variant="light" c="var(--mantine-color-text)">
      {t('webhooks.gaveUp')} <RelativeTime time={disabled} />
      {since && <> · {since}</>}
    </Alert>
  );
}

interface ActionsProps extends RowProps {
  readonly isOpen: boolean;
  readonly onToggle: () => void;
  /** What is sent is to be seen. */
  readonly onTest: () => void;
}

function Actions({ place, webhook, isOpen, onToggle, onTest }: ActionsProps) {
  const { t } = useTranslation();
  const { id, name, is_active: isActive } = webhook;
  const update = useUpdateWebhook(place, id);
  const test = useTestWebhook(place, id);
  const remove = useRemoveWebhook(place, id);
  return (
    <>
      <Group gap="xs">
        <Button size="xs" variant="default" aria-expanded={isOpen} onClick={onToggle}>
          {isOpen ? t('webhooks.hide') : t('webhooks.show')}
        </Button>
        <Button
          size="xs"
          variant="default"
          loading={test.isPending}
          onClick={() => test.mutate(undefined, { onSuccess: onTest })}
        >
          {t('webhooks.test')}
        </Button>
        <EditButton place={place} webhook={webhook} />
        <Button
          size="xs"
          variant="default"
          loading={update.isPending}
          onClick={() => update.mutate({ is_active: !isActive })}
        >
          {isActive ? t('webhooks.switchOff') : t('webhooks.switchOn')}
        </Button>
        <ConfirmButton
          label={t('webhooks.remove')}
          ariaLabel={t('webhooks.removeThis', { name })}
          look={{ size: 'xs' }}
          title={t('webhooks.removeTitle', { name })}
          text={t('webhooks.removeText')}
          action={t('webhooks.remove')}
          work={remove}
          onConfirm={(close) => remove.mutate(undefined, { onSuccess: close })}
        />
      </Group>
      <FailureAlert error={update.error ?? test.error} />
    </>
  );
}

function EditButton({ place, webhook }: RowProps) {
  const { t } = useTranslation();
  const [opened, { open, close }] = useDisclosure();
  const { name } = webhook;
  return (
    <>
      <Button size="xs" variant="default" aria-label={t('webhooks.editThis', { name })} onClick={open}>
        {t('webhooks.edit')}
      </Button>
      <Modal opened={opened} onClose={close} title={t('webhooks.editThis', { name })} centered>
        <EditWebhook place={place} webhook={webhook} close={close} />
      </Modal>
    </>
  );
}
