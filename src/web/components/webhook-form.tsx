/** A new webhook, and its secret, the only time that anybody sees it. */
import { Alert, Button, Checkbox, Group, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import type { Webhook } from '../../hub-api/types.ts';
import type { WebhookPlace } from '../../hub-api/webhooks-client.ts';
import { useCreateWebhook } from '../hub/webhooks.ts';
import { TextToCopy } from './command.tsx';
import { FailureAlert } from './failure.tsx';
import { inputErrors } from './input-errors.ts';

const formats = ['docker', 'cloudevents'] as const satisfies readonly Webhook['format'][];
const events = ['push', 'delete', 'restore', 'repository'] as const satisfies Webhook['events'];
const longestName = 100;
const longestAddress = 2048;

interface Values {
  readonly name: string;
  readonly hook_url: string;
  readonly format: Webhook['format'];
  readonly events: Webhook['events'];
}

interface NewWebhookProps {
  readonly place: WebhookPlace;
  readonly close: () => void;
}

export function NewWebhook({ place, close }: NewWebhookProps) {
  const { t } = useTranslation();
  const create = useCreateWebhook(place);
  const form = useForm<Values>({
    initialValues: { name: '', hook_url: 'https://', format: 'docker', events: ['push'] },
    validate: {
      name: (value) => (value.trim() === '' ? t('webhooks.nameMissing') : null),
      hook_url: (value) => {
        const url = URL.parse(value.trim());
        if (!url || !/^https?:$/.test(url.protocol)) return t('webhooks.addressWrong');
        return url.username || url.password ? t('webhooks.addressPassword') : null;
      },
      events: (value) => (value.length === 0 ? t('webhooks.eventsMissing') : null),
    },
  });
  if (create.data?.secret !== undefined) return <ShownSecret secret={create.data.secret} close={close} />;
  const submit = form.onSubmit((values) =>
    create.mutate(
      // Docker Hub's payload knows pushes only.
      {
        ...values,
        hook_url: values.hook_url.trim(),
        ...(values.format === 'docker' && { events: ['push'] }),
      },
      { onError: (error) => form.setErrors(inputErrors(error)) },
    ),
  );
  const text = { autoComplete: 'off', autoCapitalize: 'none', spellCheck: false } as const;
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <TextInput
          label={t('webhooks.name')}
          maxLength={longestName}
          data-autofocus
          {...text}
          {...form.getInputProps('name')}
        />
        <TextInput
          label={t('webhooks.address')}
          description={t('webhooks.addressHint')}
          inputMode="url"
          maxLength={longestAddress}
          {...text}
          {...form.getInputProps('hook_url')}
        />
        <NativeSelect
          label={t('webhooks.format')}
          description={t('webhooks.formatHint')}
          data={formats.map((value) => ({ value, label: t(`webhooks.formats.${value}`) }))}
          {...form.getInputProps('format')}
        />
        {form.values.format === 'cloudevents' && (
          <Checkbox.Group label={t('webhooks.which')} {...form.getInputProps('events')}>
            <Stack gap="xs" mt="xs">
              {events.map((event) => (
                <Checkbox key={event} value={event} label={t(`webhooks.events.${event}`)} />
              ))}
            </Stack>
          </Checkbox.Group>
        )}
        <FailureAlert error={create.error} conflict={t('webhooks.tooMany')} />
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" loading={create.isPending}>
            {t('webhooks.create')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
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
