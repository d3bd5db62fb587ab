/** Something that cannot be taken back is asked for once more, the big things by having their name typed. */
import { Alert, Button, type ButtonProps, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FailureAlert } from './failure.tsx';

interface Work {
  readonly isPending: boolean;
  readonly error: Error | null;
  reset(): void;
}

interface Question {
  readonly title: string;
  readonly text: ReactNode;
  /** What the button that does it says. */
  readonly action: string;
  /** What has to be typed first. */
  readonly name?: string | undefined;
  readonly work: Work;
  /** In the place of the error's own words. */
  readonly conflict?: string;
  /** What the hub found wrong with what was chosen, if it did. */
  readonly problem?: string | undefined;
  readonly onConfirm: (close: () => void) => void;
}

interface ConfirmButtonProps extends Question {
  /** Of the button that asks. */
  readonly label: string;
  /** For who does not see what stands around it. */
  readonly ariaLabel?: string;
  readonly look?: ButtonProps;
}

export function ConfirmButton({ label, ariaLabel, look, ...question }: ConfirmButtonProps) {
  const [opened, { open, close }] = useDisclosure();
  const begin = (): void => {
    question.work.reset();
    open();
  };
  return (
    <>
      <Button color="red" variant="light" {...look} aria-label={ariaLabel} onClick={begin}>
        {label}
      </Button>
      <Modal opened={opened} onClose={close} title={question.title} centered>
        <Ask {...question} close={close} />
      </Modal>
    </>
  );
}

function Ask({
  text,
  action,
  name,
  work,
  conflict,
  problem,
  onConfirm,
  close,
}: Question & { readonly close: () => void }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const isSure = name === undefined || typed === name;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isSure) onConfirm(close);
      }}
    >
      <Stack gap="md">
        <Text size="sm" component="div">
          {text}
        </Text>
        {name !== undefined && (
          <TextInput
            label={t('confirm.type', { name })}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            data-autofocus
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        )}
        <FailureAlert error={work.error} {...(conflict !== undefined && { conflict })} />
        {problem !== undefined && (
          <Alert color="red" variant="light" role="alert">
            {problem}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" color="red" disabled={!isSure} loading={work.isPending}>
            {action}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
