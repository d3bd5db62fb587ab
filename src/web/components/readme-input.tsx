/** Where a README is written, and looked at before it is saved. */
import { Group, Input, SegmentedControl, Text, Textarea } from '@mantine/core';
import type { ChangeEvent, ReactNode } from 'react';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { LazyReadme } from './lazy-readme.tsx';

/** A field of the form, as its `getInputProps` gives it. */
interface ReadmeInputProps {
  readonly value?: string;
  readonly error?: ReactNode;
  readonly onChange?: (event: ChangeEvent<HTMLTextAreaElement>) => void;
}

type View = 'write' | 'preview';

export function ReadmeInput({ value = '', error, onChange }: ReadmeInputProps) {
  const { t } = useTranslation();
  const [view, setView] = useState<View>('write');
  const id = useId();
  return (
    <div>
      <Group justify="space-between" align="end" mb={6}>
        <div>
          <Input.Label htmlFor={id}>{t('settings.readme')}</Input.Label>
          <Input.Description id={`${id}-hint`}>{t('settings.readmeHint')}</Input.Description>
        </div>
        <SegmentedControl<View>
          size="xs"
          aria-label={t('settings.readmeView')}
          value={view}
          onChange={setView}
          data={[
            { value: 'write', label: t('settings.readmeWrite') },
            { value: 'preview', label: t('settings.readmePreview') },
          ]}
        />
      </Group>
      {view === 'write' ? (
        <Textarea
          id={id}
          aria-describedby={`${id}-hint`}
          autosize
          minRows={8}
          maxRows={24}
          classNames={{ input: 'mono' }}
          value={value}
          error={error}
          onChange={onChange}
        />
      ) : (
        <section className="readme-preview" aria-label={t('settings.readmePreview')}>
          {value.trim() === '' ? (
            <Text c="dimmed">{t('settings.readmeNothing')}</Text>
          ) : (
            <LazyReadme markdown={value} />
          )}
        </section>
      )}
    </div>
  );
}
