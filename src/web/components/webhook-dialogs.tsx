/** What the dialogs of webhooks hold: a new one and one that is changed, and a secret, the only time that anybody sees it. */
import { Alert, Button, Checkbox, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Webhook } from '../../hub-api/types.ts';
import type { WebhookPlace } from '../../hub-api/webhooks-client.ts';
import { useCreateWebhook, useUpdateWebhook } from '../hub/webhooks.ts';
import { TextToCopy } from './command.tsx';
import { WebhookForm, type WebhookSettings } from './webhook-form.tsx';

const blank: WebhookSettings = { name: '', hook_url: 'https://', format: 'docker', events: ['push'] };

interface NewWebhookProps {
  readonly place: WebhookPlace;
  readonly close: () => void;
}

export function NewWebhook({ place, close }: NewWebhookProps) {
  const { t } = useTranslation();
  const { mutate, data, isPending, error } = useCreateWebhook(place);
  if (data?.secret !== undefined) return <ShownSecret secret={data.secret} close={close} />;
  return (
    <WebhookForm
      initialValues={blank}
      action={t('webhooks.create')}
      isPending={isPending}
      error={error}
      onSubmit={(settings, onError) => mutate(settings, { onError })}
      close={close}
    />
  );
}

interface EditWebhookProps extends NewWebhookProps {
  readonly webhook: Webhook;
}

export function EditWebhook({ place, webhook, close }: EditWebhookProps) {
  const { t } = useTranslation();
  const { mutate, data, isPending, error } = useUpdateWebhook(place, webhook.id);
  const [isActive, setActive] = useState(webhook.is_active);
  const [isSecretNew, setSecretNew] = useState(false);
  if (data?.secret !== undefined) return <ShownSecret secret={data.secret} close={close} />;
  const { name, hook_url, format, events } = webhook;
  const save = (settings: WebhookSettings, onError: (error: Error) => void): void =>
    mutate(
      {
        ...changesOf({ ...webhook }, { ...settings, is_active: isActive }),
        ...(isSecretNew && { new_secret: true }),
      },
      { onError, onSuccess: ({ secret }) => secret === undefined && close() },
    );
  return (
    <WebhookForm
      initialValues={{ name, hook_url, format, events }}
      action={t('common.save')}
      isPending={isPending}
      error={error}
      onSubmit={save}
      close={close}
    >
      <Checkbox
        label={t('webhooks.active')}
        description={t('webhooks.activeHint')}
        checked={isActive}
        onChange={(event) => setActive(event.currentTarget.checked)}
      />
      <Checkbox
        label={t('webhooks.newSecret')}
        description={t('webhooks.newSecretHint')}
        checked={isSecretNew}
        onChange={(event) => setSecretNew(event.currentTarget.checked)}
      />
    </WebhookForm>
  );
}

/** What the form does not change stays as somebody else may have set it meanwhile. */
function changesOf<T extends object>(before: T, after: Partial<T>): Partial<T> {
  const changed = Object.entries(after).filter(
    ([key, value]) => String(value) !== String(before[key as keyof T]),
  );
  return Object.fromEntries(changed) as Partial<T>;
}

function ShownSecret({ secret, close }: { readonly secret: string; readonly close: () => void }) {
  const { t } = useTranslation();
  return (
    <Stack gap="md">
      <Alert color="yellow" variant="light" c="var(--mantine-color-text)">
        {t('webhooks.once')}
      </Alert>
      <TextToCopy text={secret} label={t('webhooks.secret')} />
      <Text size="sm">{t('webhooks.secretHint')}</Text>
      <Group justify="flex-end">
        <Button onClick={close}>{t('common.close')}</Button>
      </Group>
    </Stack>
  );
}
