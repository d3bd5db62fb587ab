/** The footer: language and appearance, both remembered. */
import { Group, type MantineColorScheme, NativeSelect, useMantineColorScheme } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { patterns } from '../routes.ts';
import { type Language, languages, switchLanguage } from '../i18n.ts';

export function Footer() {
  const { t } = useTranslation();
  return (
    <footer className="footer">
      <div className="footer-row column">
        <span>{t('frame.about')}</span>
        <Group gap="sm">
          <Link to={patterns.api}>{t('api.title')}</Link>
          <LanguageSwitch />
          <ColorSchemeSwitch />
        </Group>
      </div>
    </footer>
  );
}

function LanguageSwitch() {
  const { t, i18n } = useTranslation();
  return (
    <NativeSelect
      size="xs"
      aria-label={t('frame.language')}
      value={i18n.language}
      data={Object.entries(languages).map(([value, label]) => ({ value, label }))}
      onChange={(event) => void switchLanguage(event.currentTarget.value as Language)}
    />
  );
}

function ColorSchemeSwitch() {
  const { t } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <NativeSelect
      size="xs"
      aria-label={t('frame.theme')}
      value={colorScheme}
      data={(['auto', 'light', 'dark'] as const).map((value) => ({
        value,
        label: t(`frame.themes.${value}`),
      }))}
      onChange={(event) => setColorScheme(event.currentTarget.value as MantineColorScheme)}
    />
  );
}
