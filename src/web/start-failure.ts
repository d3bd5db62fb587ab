/** What is shown where not even the words of the pages could be loaded: the only ones that stand in no locale. */
import type { Language } from './i18n.ts';

const words: Readonly<Record<Language, readonly [text: string, button: string]>> = {
  en: ['These pages could not be loaded.', 'Reload'],
  'pt-BR': ['Não foi possível carregar estas páginas.', 'Recarregar'],
};

export function showStartFailure(root: HTMLElement, language: Language): void {
  const [text, label] = words[language];
  const paragraph = document.createElement('p');
  paragraph.role = 'alert';
  paragraph.textContent = text;
  const button = document.createElement('button');
  button.textContent = label;
  button.addEventListener('click', () => window.location.reload());
  root.replaceChildren(paragraph, button);
}
