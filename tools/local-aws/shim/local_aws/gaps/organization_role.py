"""Every account except the management account has the role that AWS Organizations puts into the accounts it creates.

AWS: `OrganizationAccountAccessRole` with the managed policy AdministratorAccess, trusting the management account.
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_access-cross-account-role.html

An account here is any twelve digits and comes into being when somebody names it, so the role is made when an account's
roles are first looked at. Deleting the role works as on AWS; a reset brings it back.
"""

import json
import re

from ministack.core.responses import AccountScopedDict
from ministack.services import iam

ROLE_NAME = "OrganizationAccountAccessRole"
_ACCOUNT_ID = re.compile(r"\d{12}")


def close(management_account: str) -> None:
    seeded: set[str] = set()

    class OrganizationRoles(AccountScopedDict):
        """The role store, which an account's role is added to on first sight."""

        __slots__ = ()

        def _seed(self, account: str) -> None:
            if account in seeded or account == management_account or not _ACCOUNT_ID.fullmatch(str(account)):
                return
            seeded.add(account)
            self._data[(account, ROLE_NAME)] = _role(account, management_account)

        # Every way into the store comes through one of these: keys of one account, or a role by its account and name.
        def _scoped(self, key):
            scoped = super()._scoped(key)
            self._seed(scoped[0])
            return scoped

        def get_scoped(self, account_id, region, key, default=None):
            self._seed(account_id)
            return super().get_scoped(account_id, region, key, default)

        def contains_scoped(self, account_id, region, key):
            self._seed(account_id)
            return super().contains_scoped(account_id, region, key)

        def items(self):
            self._seed(self._prefix())
            return super().items()

        def values(self):
            self._seed(self._prefix())
            return super().values()

        def keys(self):
            self._seed(self._prefix())
            return super().keys()

        def clear(self):
            seeded.clear()
            super().clear()

    # The store is an object that other modules already hold, so it changes its class, not its identity.
    iam._roles.__class__ = OrganizationRoles


def _role(account: str, management_account: str) -> dict:
    return {
        "RoleName": ROLE_NAME,
        "Arn": f"arn:aws:iam::{account}:role/{ROLE_NAME}",
        "RoleId": iam._gen_id("AROA"),
        "CreateDate": iam._now(),
        "Path": "/",
        "AssumeRolePolicyDocument": json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"AWS": f"arn:aws:iam::{management_account}:root"},
                        "Action": "sts:AssumeRole",
                    }
                ],
            }
        ),
        "Description": "",
        "MaxSessionDuration": 3600,
        "PermissionsBoundary": "",
        "AttachedPolicies": ["arn:aws:iam::aws:policy/AdministratorAccess"],
        "InlinePolicies": {},
        "Tags": [],
    }
