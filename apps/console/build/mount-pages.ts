import type { HtmlTagDescriptor, IndexHtmlTransformContext, Plugin } from 'vite';

/** Needed for the first paint; latin-ext comes when a letter asks for it. */
const FIRST_FONTS = /(inter|jetbrains-mono)-latin-wght-normal-.*\.woff2$/;

/**
 * Assets are addressed relatively, since both listeners serve the same ones below paths of their own. A page is also shown
 * at deep links, so the HTML files alone name their folder in full. Also puts the scheme's script and the fonts first.
 */
export function mountPages(): Plugin {
  return {
    name: 'ecolink:mount-pages',
    transformIndexHtml: {
      order: 'post',
      handler: (html, context) => {
        const mount = context.path.includes('operator') ? '/operator/' : '/console/';
        return { html: html.replaceAll(/(src|href)="\.\//g, `$1="${mount}`), tags: firstTags(context, mount) };
      },
    },
  };
}

function firstTags({ bundle = {} }: IndexHtmlTransformContext, mount: string): HtmlTagDescriptor[] {
  const fonts = Object.keys(bundle).filter((file) => FIRST_FONTS.test(file));
  return [
    { tag: 'script', attrs: { src: `${mount}theme-init.js` }, injectTo: 'head' },
    ...fonts.map((file): HtmlTagDescriptor => ({
      tag: 'link',
      attrs: { rel: 'preload', as: 'font', type: 'font/woff2', crossorigin: true, href: `${mount}${file}` },
      injectTo: 'head',
    })),
  ];
}
