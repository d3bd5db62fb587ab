/** The second factor: set up with an authenticator app, recovery codes shown once, turned off with a code. */
import {
  Alert,
  Anchor,
  Button,
  Group,
  Modal,
  PasswordInput,
  Skeleton,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useBeginSecondFactor, useConfirmSecondFactor, useEndSecondFactor } from '../hub/mutations.ts';
import { isFailed, useSecondFactor } from '../hub/queries.ts';
import { TextToCopy } from './command.tsx';
import { Failure, FailureAlert } from './failure.tsx';
import { inputErrors } from './input-errors.ts';
import { loadLater } from './load-later.tsx';
import { ListSkeleton } from './repository-list.tsx';

/** In pixels. */
const qrCodeSize = 232;
const QrCode = loadLater(
  async () => (await import('./qr-code.tsx')).QrCode,
  <Skeleton height={qrCodeSize} width={qrCodeSize} mx="auto" />,
);

export function SecondFactor() {
  const { t } = useTranslation();
  const state = useSecondFactor();
  const cache = useQueryClient();
  const [opened, { open, close }] = useDisclosure();
  if (state.isPending) return <ListSkeleton />;
  if (isFailed(state)) return <Failure error={state.error} retry={state.refetch} />;
  const { enabled, recovery_codes_left: left } = state.data;
  // What is on now is told once the codes were seen: before, the form would turn into the other one.
  const finish = (): void => {
    close();
    void cache.invalidateQueries({ queryKey: ['second-factor'] });
  };
  const action = enabled ? t('secondFactor.turnOff') : t('secondFactor.turnOn');
  return (
    <section className="card panel">
      <Title order={2} size="h5" mb={4}>
        {t('secondFactor.title')}
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        {enabled ? t('secondFactor.isOn', { count: left }) : t('secondFactor.isOff')}
      </Text>
      <Button variant="default" onClick={open}>
        {action}
      </Button>
      <Modal opened={opened} onClose={finish} title={action} centered>
        {enabled ? <TurnOff close={finish} /> : <TurnOn close={finish} />}
      </Modal>
    </section>
  );
}

function TurnOn({ close }: { readonly close: () => void }) {
  const begin = useBeginSecondFactor();
  const confirm = useConfirmSecondFactor();
  if (confirm.data) return <RecoveryCodes codes={confirm.data.recovery_codes} close={close} />;
  if (begin.data) return <FirstCode secret={begin.data.secret} uri={begin.data.uri} confirm={confirm} />;
  return <AskPassword begin={begin} close={close} />;
}

interface AskPasswordProps {
  readonly begin: ReturnType<typeof useBeginSecondFactor>;
  readonly close: () => void;
}

function AskPassword({ begin, close }: AskPasswordProps) {
  const { t } = useTranslation();
  const form = useForm({
    initialValues: { password: '' },
    validate: { password: (value) => (value === '' ? t('signIn.passwordEmpty') : null) },
  });
  const submit = form.onSubmit(({ password }) =>
    begin.mutate(password, {
      onError: (error) => form.setErrors(inputErrors(error, { password: t('password.wrong') })),
    }),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <PasswordInput
          label={t('password.old')}
          autoComplete="current-password"
          data-autofocus
          {...form.getInputProps('password')}
        />
        <FailureAlert error={begin.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" loading={begin.isPending}>
            {t('secondFactor.next')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface FirstCodeProps {
  readonly secret: string;
  /** Opens an app on the same machine. */
  readonly uri: string;
  readonly confirm: ReturnType<typeof useConfirmSecondFactor>;
}

function FirstCode({ secret, uri, confirm }: FirstCodeProps) {
  const { t } = useTranslation();
  const { form, submit } = useCode((code, onError) => confirm.mutate(code, { onError }));
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <Text size="sm">{t('secondFactor.app')}</Text>
        <QrCode text={uri} title={t('secondFactor.qrCode')} size={qrCodeSize} />
        <Text size="sm">{t('secondFactor.byHand')}</Text>
        <TextToCopy text={secret} label={t('secondFactor.secret')} />
        <Anchor href={uri} size="sm">
          {t('secondFactor.open')}
        </Anchor>
        <CodeInput form={form} />
        <FailureAlert error={confirm.error} />
        <Group justify="flex-end">
          <Button type="submit" loading={confirm.isPending}>
            {t('secondFactor.turnOn')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function RecoveryCodes({ codes, close }: { readonly codes: readonly string[]; readonly close: () => void }) {
  const { t } = useTranslation();
  return (
    <Stack gap="md">
      <Alert color="yellow" variant="light" c="var(--mantine-color-text)">
        {t('secondFactor.codes')}
      </Alert>
      <TextToCopy text={codes.join(' ')} label={t('secondFactor.codesLabel')} />
      <Group justify="flex-end">
        <Button onClick={close}>{t('common.close')}</Button>
      </Group>
    </Stack>
  );
}

function TurnOff({ close }: { readonly close: () => void }) {
  const { t } = useTranslation();
  const end = useEndSecondFactor();
  const { form, submit } = useCode((code, onError) => end.mutate(code, { onSuccess: close, onError }));
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <CodeInput form={form} />
        <FailureAlert error={end.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" color="red" loading={end.isPending}>
            {t('secondFactor.turnOff')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** A form of one code; a wrong one is told beside its field. */
function useCode(send: (code: string, onError: (error: Error) => void) => void) {
  const { t } = useTranslation();
  const form = useForm({
    initialValues: { code: '' },
    validate: { code: (value) => (value.trim() === '' ? t('signIn.codeEmpty') : null) },
  });
  const submit = form.onSubmit(({ code }) =>
    send(code.trim(), (refusal) => form.setErrors(inputErrors(refusal, { code: t('signIn.codeWrong') }))),
  );
  return { form, submit };
}

function CodeInput({ form }: { readonly form: ReturnType<typeof useCode>['form'] }) {
  const { t } = useTranslation();
  return (
    <TextInput
      label={t('signIn.code')}
      autoComplete="one-time-code"
      spellCheck={false}
      data-autofocus
      {...form.getInputProps('code')}
    />
  );
}
