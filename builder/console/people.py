"""Users, workspaces and memberships."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db.models import Count, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from builder.accounts.create_workspace import create_workspace
from builder.accounts.models import Membership, User, Workspace
from builder.accounts.sign_in_links import issue_link


class MembershipInline(TabularInline):
    """Who belongs where."""

    model = Membership
    extra = 0
    autocomplete_fields = ["user", "workspace"]


class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    """People. A new one gets a workspace of their own, and signs in by a one-time link or a password."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["username", "full_name", "email", "is_superuser", "is_active", "last_login"]
    list_filter = ["is_superuser", "is_active"]
    filter_horizontal = ()
    readonly_fields = ["last_login", "date_joined"]
    inlines = [MembershipInline]
    actions = ["make_links"]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        (gettext_lazy("Person"), {"fields": ["first_name", "last_name", "email", "language"]}),
        (gettext_lazy("Rights"), {"fields": ["is_active", "is_superuser"]}),
        (gettext_lazy("Dates"), {"fields": ["last_login", "date_joined"]}),
    ]

    @admin.display(description=gettext_lazy("name"))
    def full_name(self, user: User) -> str:
        return user.get_full_name()

    def get_inlines(self, request: HttpRequest, obj: User | None) -> list[type[TabularInline]]:
        # A new person gets a workspace first, and memberships after.
        return [MembershipInline] if obj else []

    def save_model(self, request: HttpRequest, obj: User, form: "ModelForm[User]", change: bool) -> None:
        # One right, not two: administrators are those who may use this console.
        obj.is_staff = obj.is_superuser
        super().save_model(request, obj, form, change)
        if not change:
            create_workspace(obj.display_name, obj)

    @admin.action(description=gettext_lazy("Make one-time sign-in links"))
    def make_links(self, request: HttpRequest, users: QuerySet[User]) -> None:
        """Show a fresh link for each person; it stands nowhere else."""
        for user in users.filter(is_active=True):
            link = request.build_absolute_uri(issue_link(user))
            text = _("%(name)s signs in with this link, once, within 24 hours: %(link)s")
            messages.success(request, text % {"name": user.display_name, "link": link})


class WorkspaceAdmin(ModelAdmin):
    """Workspaces and their members."""

    list_display = ["name", "member_count", "created"]
    search_fields = ["name"]
    readonly_fields = ["created"]
    inlines = [MembershipInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Workspace]:
        rows: QuerySet[Workspace] = super().get_queryset(request)
        return rows.annotate(count=Count("memberships"))

    @admin.display(description=gettext_lazy("members"), ordering="count")
    def member_count(self, workspace: Any) -> int:
        return int(workspace.count)


class MembershipAdmin(ModelAdmin):
    """Who may do what where."""

    list_display = ["user", "workspace", "role"]
    list_filter = ["role"]
    search_fields = ["user__username", "workspace__name"]
    autocomplete_fields = ["user", "workspace"]
