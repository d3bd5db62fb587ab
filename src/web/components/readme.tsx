/**
 * A README: its author's Markdown, rendered. It is hostile input: raw HTML is dropped, what is left passes GitHub's allow-list, and
 * the Content-Security-Policy runs no script that got through. Code in a language that is named gets its colours after that, by
 * classes, once what knows the languages has come. Loaded on demand, most pages show none.
 */
import { useEffect, useState } from 'react';
import Markdown, { type Options } from 'react-markdown';
import rehypeSanitize from 'rehype-sanitize';
import remarkGfm from 'remark-gfm';

type Plugins = NonNullable<Options['rehypePlugins']>;

const plain: Plugins = [rehypeSanitize];
/** The head of a fence that names a language: https://spec.commonmark.org/0.31.2/#info-string */
const namedFence = /^[ >\t]*(?:[-*+]|\d+[.)])?[ \t]*(?:`{3,}|~{3,})[ \t]*\w/m;

export function Readme({ markdown }: { readonly markdown: string }) {
  const plugins = usePlugins(namedFence.test(markdown));
  return (
    <div className="readme">
      <Markdown
        remarkPlugins={[remarkGfm]}
        rehypePlugins={plugins}
        components={{
          // The page's own title is the h1.
          h1: ({ children }) => <h2 className="readme-title">{children}</h2>,
          a: ({ href, children }) =>
            href ? (
              <a href={href} rel="nofollow ugc noopener">
                {children}
              </a>
            ) : (
              <span>{children}</span>
            ),
        }}
      >
        {markdown}
      </Markdown>
    </div>
  );
}

/** The text is there at once, its colours follow; without them it reads as well. */
function usePlugins(needsColours: boolean): Plugins {
  const [plugins, setPlugins] = useState(plain);
  useEffect(() => {
    if (!needsColours) return undefined;
    let isShown = true;
    import('rehype-highlight').then(
      ({ default: highlight }) => isShown && setPlugins([rehypeSanitize, highlight]),
      () => undefined,
    );
    return () => {
      isShown = false;
    };
  }, [needsColours]);
  return plugins;
}
