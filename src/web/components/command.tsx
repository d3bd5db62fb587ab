/** A command line to copy, and the button that copies. */
import { ActionIcon, CopyButton } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

/** @param label what the command does, for screen readers. */
export function Command({ text, label }: { readonly text: string; readonly label?: string }) {
  return (
    <div className="command" role="group" aria-label={label ?? text}>
      <code>{text}</code>
      <Copy text={text} size="md" />
    </div>
  );
}

/** Something else to copy, as it is: no prompt stands before it. */
export function TextToCopy({ text, label }: { readonly text: string; readonly label: string }) {
  return (
    <div className="command command-text" role="group" aria-label={label}>
      <code>{text}</code>
      <Copy text={text} size="md" />
    </div>
  );
}

interface CopyProps {
  readonly text: string;
  readonly size?: 'xs' | 'sm' | 'md';
}

export function Copy({ text, size = 'sm' }: CopyProps) {
  const { t } = useTranslation();
  return (
    <CopyButton value={text} timeout={1500}>
      {({ copied, copy }) => (
        <ActionIcon
          className="tip"
          data-tip={copied ? t('common.copied') : t('common.copy')}
          variant="subtle"
          color={copied ? 'teal' : 'gray'}
          size={size}
          aria-label={copied ? t('common.copied') : t('common.copyThis', { what: text })}
          onClick={copy}
        >
          {copied ? <IconCheck size={15} aria-hidden /> : <IconCopy size={15} aria-hidden />}
        </ActionIcon>
      )}
    </CopyButton>
  );
}
