import { Failure } from 'nx-cdk/failure';
import { askYesOrNo, canAsk, type Conversation } from 'nx-cdk/progress';

/**
 * Asks for an approval. Anything but a yes is a no, Ctrl-C included.
 *
 * @param action `Prod/Approve`
 * @throws Failure `NotApproved` if nobody can be asked, or the answer is no
 */
export async function askForApproval(
  action: string,
  details: string | undefined,
  conversation: Conversation,
): Promise<void> {
  if (!canAsk(conversation)) {
    throw new Failure('NotApproved', {
      what: `The action ${action} waits for an approval, and there is no terminal to ask on`,
      next: 'add --approve to approve it',
    });
  }
  const lines = details ? [`  ${details}`] : [];
  if (await askYesOrNo(`Approve ${action}?`, lines, conversation)) return;
  throw new Failure('NotApproved', { what: `The action ${action} was not approved` });
}
