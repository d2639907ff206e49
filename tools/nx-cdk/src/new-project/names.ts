import { names } from '@nx/devkit';
import { Failure } from '../failure/index.ts';

/** What a new project or stack is called, by where the name stands. */
export interface Names {
  /** `order-report`: of the project, of its folder and files. */
  readonly name: string;
  /** `OrderReport`: of a class, and of a construct. */
  readonly className: string;
  /** `orderReport`: of a constant. */
  readonly constantName: string;
  /** `Order report`: in a sentence. */
  readonly title: string;
}

/** Words that no constant can be called: https://tc39.es/ecma262/#prod-ReservedWord, and those of strict code. */
const RESERVED = new Set(
  (
    'arguments await break case catch class const continue debugger default delete do else enum eval export extends ' +
    'false finally for function if implements import in instanceof interface let new null package private protected ' +
    'public return static super switch this throw true try typeof var void while with yield'
  ).split(' '),
);

/** Lambda and CloudFormation allow 64 and 128 characters, and the names of an environment and a region go with it. */
const LONGEST = 40;

/**
 * The forms of a name.
 *
 * @param suffix what the class of such a thing ends with; a name that ends with it loses it there
 * @throws Failure `BadName` for what cannot be the name of a folder, a package and a class at once
 */
export function namesOf(given: string, suffix = ''): Names {
  const wished = given.trim();
  const { fileName } = names(wished);
  const name = suffix !== '' && wished.endsWith(`-${suffix}`) ? wished.slice(0, -suffix.length - 1) : wished;
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || name.length > LONGEST) {
    const next =
      /^[a-z][a-z0-9-]*$/.test(fileName) && fileName !== wished ? `, as in ${fileName}` : ', as in order-report';
    throw new Failure('BadName', {
      what: `"${given}" cannot be a name`,
      next: `use lower-case letters, digits and dashes, a letter first, at most ${LONGEST} characters${next}`,
    });
  }
  if (RESERVED.has(name)) {
    throw new Failure('BadName', {
      what: `"${name}" cannot be a name, as it is a word of JavaScript`,
      next: `say more, as in ${name}-orders`,
    });
  }
  const { className, propertyName } = names(name);
  const [first = '', ...rest] = name.replaceAll('-', ' ');
  return { name, className, constantName: propertyName, title: first.toUpperCase() + rest.join('') };
}
