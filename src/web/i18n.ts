/**
 * The language of the pages: the reader's choice where they made one, else the browser's. A locale is loaded when it is used.
 * Every string on a page comes from locales/*.json, and tsc checks the keys.
 */
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { loadPage, loadPart } from './load-part.ts';
import type en from './locales/en.json';

export const languages = { en: 'English', 'pt-BR': 'Português (Brasil)' } as const;
export type Language = keyof typeof languages;

const storageKey = 'cais.language';

const locales: Readonly<Record<Language, () => Promise<{ readonly default: object }>>> = {
  en: () => import('./locales/en.json'),
  'pt-BR': () => import('./locales/pt-BR.json'),
};

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: typeof en };
  }
}

export function readersLanguage(): Language {
  return preferredLanguage(localStorage.getItem(storageKey), navigator.languages);
}

/** @throws where the locale cannot be loaded. */
export async function startTranslation(language: Language): Promise<void> {
  const { default: translation } = await loadPage(locales[language]);
  i18next.on('languageChanged', (changed) => {
    document.documentElement.lang = changed;
  });
  await i18next.use(initReactI18next).init({
    lng: language,
    // Both locales have the same keys: there is nothing to fall back to.
    fallbackLng: false,
    resources: { [language]: { translation } },
    // React escapes.
    interpolation: { escapeValue: false },
  });
}

export async function switchLanguage(language: Language): Promise<void> {
  const { default: translation } = await loadPart(locales[language]);
  localStorage.setItem(storageKey, language);
  i18next.addResourceBundle(language, 'translation', translation);
  await i18next.changeLanguage(language);
}

/** @param chosen what the reader chose earlier; @param offered the browser's languages, most wanted first. */
export function preferredLanguage(chosen: string | null, offered: readonly string[]): Language {
  if (chosen !== null && chosen in languages) return chosen as Language;
  for (const language of offered) {
    if (/^pt\b/i.test(language)) return 'pt-BR';
    if (/^en\b/i.test(language)) return 'en';
  }
  return 'en';
}
