/**
 * A README: its author's Markdown, rendered. It is hostile input: raw HTML is dropped, what is left passes GitHub's allow-list, and
 * the Content-Security-Policy runs no script that got through. Code in a language that is named gets its colours after that, by
 * classes. Loaded on demand, most pages show none.
 */
import Markdown from 'react-markdown';
import rehypeHighlight from 'rehype-highlight';
import rehypeSanitize from 'rehype-sanitize';
import remarkGfm from 'remark-gfm';

export function Readme({ markdown }: { readonly markdown: string }) {
  return (
    <div className="readme">
      <Markdown
        remarkPlugins={[remarkGfm]}
        rehypePlugins={[rehypeSanitize, rehypeHighlight]}
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
