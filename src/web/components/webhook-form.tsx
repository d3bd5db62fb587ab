/** What a webhook is set to, as a form: of a new one, and of one that is changed. */
import { Button, Checkbox, Group, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Webhook } from '../../hub-api/types.ts';
import { FailureAlert } from './failure.tsx';
import { inputErrors } from './input-errors.ts';

const formats = ['docker', 'cloudevents'] as const satisfies readonly Webhook['format'][];
const events = ['push', 'delete', 'restore', 'repository'] as const satisfies Webhook['events'];
const longestName = 100;
const longestAddress = 2048;

export type WebhookSettings = Pick<Webhook, 'name' | 'hook_url' | 'format' | 'events'>;

interface WebhookFormProps {
  readonly initialValues: WebhookSettings;
  readonly action: string;
  readonly isPending: boolean;
  readonly error: Error | null;
  readonly onSubmit: (settings: WebhookSettings, onError: (error: Error) => void) => void;
  readonly close: () => void;
  /** What else can be chosen. */
  readonly children?: ReactNode;
}

export function WebhookForm({ initialValues, action, isPending, error, ...props }: WebhookFormProps) {
  const { t } = useTranslation();
  const form = useForm<WebhookSettings>({
    initialValues,
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
  const words = { hook_url: t('webhooks.addressPrivate') };
  const submit = form.onSubmit((values) =>
    props.onSubmit(
      // Docker Hub's payload knows pushes only.
      {
        ...values,
        hook_url: values.hook_url.trim(),
        ...(values.format === 'docker' && { events: ['push'] }),
      },
      (failure) => form.setErrors(inputErrors(failure, words)),
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
        {props.children}
        <FailureAlert error={error} conflict={t('webhooks.tooMany')} />
        <Group justify="flex-end">
          <Button variant="default" onClick={props.close}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" loading={isPending}>
            {action}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
