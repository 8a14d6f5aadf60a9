export interface CodeToken {
  readonly kind: 'plain' | 'keyword' | 'string' | 'number' | 'comment';
  readonly text: string;
}

const KEYWORDS = {
  python: /^(import|from|for|in|if|True|False|None|with|as|print|while|not|open|def|return)$/,
  typescript: /^(import|from|const|let|for|await|of|if|true|false|null|new|while|as|async|return|undefined)$/,
  curl: /^(curl)$/,
};

const TOKEN = /("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(#[^\n]*|\/\/[^\n]*)|(\b\d+(?:\.\d+)?\b)|([A-Za-z_]\w*)|([\s\S])/g;

/** Splits one of our snippets for colouring: a plain scan, as our snippets are plain. */
export function codeTokens(code: string, language: keyof typeof KEYWORDS): CodeToken[] {
  const tokens: CodeToken[] = [];
  for (const [whole, string, comment, number, word] of code.matchAll(TOKEN)) {
    const kind = kindOf({ string, comment, number, word }, language);
    const last = tokens.at(-1);
    if (last !== undefined && last.kind === kind) tokens[tokens.length - 1] = { kind, text: last.text + whole };
    else tokens.push({ kind, text: whole });
  }
  return tokens;
}

interface Found {
  readonly string: string | undefined;
  readonly comment: string | undefined;
  readonly number: string | undefined;
  readonly word: string | undefined;
}

function kindOf({ string, comment, number, word }: Found, language: keyof typeof KEYWORDS): CodeToken['kind'] {
  if (string !== undefined) return 'string';
  if (comment !== undefined) return language === 'curl' ? 'plain' : 'comment';
  if (number !== undefined) return 'number';
  return word !== undefined && KEYWORDS[language].test(word) ? 'keyword' : 'plain';
}
