"""promint user and key: create staff accounts and API keys."""

import argparse
import sys

from promint.cli.told import FAILED, say


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    from promint.accounts.roles import Role, Scope

    user = commands.add_parser("user", help="staff accounts").add_subparsers(required=True)
    create = user.add_parser("create", help="a staff account")
    create.add_argument("email")
    create.add_argument("--role", required=True, choices=[role.value for role in Role])
    create.add_argument("--password-stdin", required=True, action="store_true")
    create.set_defaults(command=_create_user)
    remove = user.add_parser("remove-second-factor", help="for somebody who has lost it")
    remove.add_argument("email")
    remove.set_defaults(command=_remove_second_factor)
    key = commands.add_parser("key", help="API keys").add_subparsers(required=True)
    create = key.add_parser("create", help="an API key, shown once")
    create.add_argument("name")
    create.add_argument(
        "--scope", required=True, action="append", choices=[scope.value for scope in Scope]
    )
    create.set_defaults(command=_create_key)


def _create_user(options: argparse.Namespace) -> None:
    from promint.accounts import staff
    from promint.accounts.roles import Role

    password = sys.stdin.readline().rstrip("\r\n")
    staff.create(options.email, Role(options.role), password, actor="console")


def _remove_second_factor(options: argparse.Namespace) -> int | None:
    from promint.accounts import second_factor
    from promint.accounts.models import Staff

    member = Staff.objects.filter(email=options.email.strip().lower()).first()
    if member is None:
        return say(f"There is no account {options.email}.", FAILED)
    second_factor.turn_off(member.id, actor="console")
    return None


def _create_key(options: argparse.Namespace) -> None:
    from promint.accounts import keys
    from promint.accounts.roles import Scope

    _, key = keys.create(options.name, [Scope(scope) for scope in options.scope], actor="console")
    print(key)
