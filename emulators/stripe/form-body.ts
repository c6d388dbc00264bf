/** A decoded form: names to text, to lists, or to nested forms. */
export interface Form {
  [name: string]: FormValue;
}
export type FormValue = string | FormValue[] | Form;

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
};

const emptyForm = (): Form => Object.create(null) as Form;

/** Puts `value` where the path of bracketed names leads, making the forms and lists on the way. */
function place(form: Form, path: readonly string[], value: string): void {
  let here: Form | FormValue[] = form;
  for (let index = 0; index < path.length; index++) {
    const name = path[index] ?? '';
    const last = index === path.length - 1;
    const following = path[index + 1] ?? '';
    const nested = (): Form | FormValue[] => (/^\d*$/.test(following) ? [] : emptyForm());
    if (Array.isArray(here)) {
      const position: number = name === '' ? here.length : Number(name);
      // A hole in the list, or a name among numbers, is not worth an error here: the value is simply appended.
      const slot: number = Number.isInteger(position) && position < here.length ? position : here.length;
      if (last) {
        here[slot] = value;
        return;
      }
      const known: FormValue | undefined = here[slot];
      const next: Form | FormValue[] = typeof known === 'object' ? known : nested();
      here[slot] = next;
      here = next;
    } else {
      if (last) {
        here[name] = value;
        return;
      }
      const known: FormValue | undefined = here[name];
      const next: Form | FormValue[] = typeof known === 'object' ? known : nested();
      here[name] = next;
      here = next;
    }
  }
}

/** Decodes a form-encoded text in Stripe's bracket syntax: `metadata[a]=1`, `expand[]=x`, `items[0][price]=y`. */
export function parseForm(text: string): Form {
  const form = emptyForm();
  if (text === '') return form;
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decode(equals === -1 ? pair : pair.slice(0, equals));
    const value = equals === -1 ? '' : decode(pair.slice(equals + 1));
    const bracket = name.indexOf('[');
    if (bracket <= 0 || !name.endsWith(']')) form[name] = value;
    else place(form, [name.slice(0, bracket), ...name.slice(bracket + 1, -1).split('][')], value);
  }
  return form;
}
