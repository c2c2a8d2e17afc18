"""Collect requests, as both ways in answer them: the REST API and the Function URL."""

from __future__ import annotations

from chalicelib.services.collect.collect import collect
from chalicelib.services.context import Context
from chalicelib.web import auth, responses
from chalicelib.web.dependencies import collect_requests
from chalicelib.web.http_message import Gateway, HttpRequest, HttpResponse
from chalicelib.web.requests import parse_client, read_events, read_pixel


@collect_requests
def collect_events(
    request: HttpRequest, context: Context, *, gateway: Gateway = Gateway.REST_API
) -> HttpResponse:
    """Store the events of the body."""
    bodies, as_array = read_events(request)
    has_token = auth.has_token(request, context.settings)
    client = parse_client(request, context.settings, has_token=has_token, gateway=gateway)
    return responses.collect_response(collect(bodies, client, context), as_array=as_array)


@collect_requests
def collect_pixel(
    request: HttpRequest, context: Context, *, gateway: Gateway = Gateway.REST_API
) -> HttpResponse:
    """Store the page view that a request for the pixel stands for."""
    client = parse_client(request, context.settings, gateway=gateway)
    (outcome,) = collect([read_pixel(request)], client, context)
    return responses.pixel(outcome)
